namespace Phaseo.Orleans.LoadTests.Engine;

/// <summary>The engine under load.</summary>
internal sealed record EngineOptions
{
    /// <summary>A folder for its data and its catalog; made if it is not there.</summary>
    public required string Folder { get; init; }

    /// <summary>The upstream under load; its address without path.</summary>
    public required Uri Upstream { get; init; }

    /// <summary>The upstream that only warms up; null: none.</summary>
    public Uri? WarmUp { get; init; }

    /// <summary>Calls at once. Default: 256.</summary>
    public int Concurrency { get; init; } = 256;
}
