namespace Phaseo.Orleans.LoadTests.Engine;

/// <summary>The engine under load.</summary>
internal sealed record EngineOptions
{
    /// <summary>The data folder.</summary>
    public required string DataFolder { get; init; }

    /// <summary>The one upstream; its address without path.</summary>
    public required Uri Upstream { get; init; }

    /// <summary>Calls at once. Default: 256.</summary>
    public int Concurrency { get; init; } = 256;

    /// <summary>The wait before a row's second round. Default: the product's.</summary>
    public TimeSpan? FirstRetryDelay { get; init; }
}
