using System.Collections.Immutable;
using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans.Batches;

/// <summary>What a client asked for, checked by the API. Stored with the batch and never changed.</summary>
[GenerateSerializer, Immutable, Alias("batch.request")]
public sealed record BatchRequest
{
    /// <summary>The input file.</summary>
    [Id(0)] public required string InputFileId { get; init; }

    /// <summary>The contract's endpoint, <c>/v1/…</c>.</summary>
    [Id(1)] public required string Endpoint { get; init; }

    /// <summary>The window as the client wrote it (echoed).</summary>
    [Id(2)] public required string CompletionWindow { get; init; }

    /// <summary>The window: 1 minute to 30 days.</summary>
    [Id(3)] public required TimeSpan Window { get; init; }

    /// <summary>The client's pairs, in its order; null: not set.</summary>
    [Id(4)] public ImmutableArray<KeyValuePair<string, string>>? Metadata { get; init; }

    /// <summary>The session; null: not set.</summary>
    [Id(5)] public string? SessionId { get; init; }

    /// <summary>How long output files live; null: the default of 30 days.</summary>
    [Id(6)] public TimeSpan? OutputExpiresAfter { get; init; }

    /// <summary>The routing policy of all rows.</summary>
    [Id(7)] public ProviderPolicy Provider { get; init; } = ProviderPolicy.None;
}

/// <summary>The first thing that a batch is told. Repeating it with the same id is harmless.</summary>
[GenerateSerializer, Immutable, Alias("batch.submission")]
public sealed record BatchSubmission
{
    /// <summary>Whose batch it is.</summary>
    [Id(0)] public required string Workspace { get; init; }

    /// <summary>What was asked.</summary>
    [Id(1)] public required BatchRequest Request { get; init; }

    /// <summary>The input's blob, from its file record.</summary>
    [Id(2)] public required string InputBlob { get; init; }

    /// <summary>The HTTP request that created it.</summary>
    [Id(3)] public required string RequestId { get; init; }

    /// <summary>When it was created: the window starts here.</summary>
    [Id(4)] public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>W3C trace context of the creation, or null.</summary>
    [Id(5)] public string? TraceParent { get; init; }

    /// <summary>The input's length, from its file record. Default: 0, unknown.</summary>
    [Id(6)] public long InputBytes { get; init; }

    /// <summary>The input's lines, likewise.</summary>
    [Id(7)] public long InputLines { get; init; }
}
