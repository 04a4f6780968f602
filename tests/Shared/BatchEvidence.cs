using Phaseo.Orleans.Billing;

namespace Phaseo.Orleans.Testing;

/// <summary>All that the oracle looks at of one batch.</summary>
public sealed record BatchEvidence
{
    /// <summary><c>batch_…</c>.</summary>
    public required string BatchId { get; init; }

    /// <summary>The file that was uploaded.</summary>
    public required string InputPath { get; init; }

    /// <summary>Every read of the batch, in order; the last one terminal.</summary>
    public required IReadOnlyList<BatchReading> Seen { get; init; }

    /// <summary>A copy of the output file, read at the end; null when the batch has none.</summary>
    public string? OutputPath { get; init; }

    /// <summary>A copy of the error file, read at the end; null when the batch has none.</summary>
    public string? ErrorPath { get; init; }

    /// <summary>A copy of the output file, read as soon as its id was seen; null: not taken.</summary>
    public string? FirstOutputPath { get; init; }

    /// <summary>A copy of the error file, read as soon as its id was seen; null: not taken.</summary>
    public string? FirstErrorPath { get; init; }
}

/// <summary>What the oracle may expect of a run.</summary>
public sealed record OracleBounds
{
    /// <summary>How the upstream named bodies. Default: <see cref="BodyHashes.Raw"/>.</summary>
    public BodyHash Hash { get; init; } = BodyHashes.Raw;

    /// <summary>
    /// Calls of the whole run that may carry an attempt number again: for each kill, calls at once + shards at once × 128
    /// (engine.md, I3). Default: 0.
    /// </summary>
    public int RepeatedCalls { get; init; }

    /// <summary>
    /// Whether a process was frozen and went on: until it learns that it was replaced it may call rows that others have
    /// recorded; such calls then count as repeated. Default: false.
    /// </summary>
    public bool Frozen { get; init; }

    /// <summary>The prices of the one offer that served the run; null: cost is not checked.</summary>
    public PriceTable? Prices { get; init; }
}

/// <summary>A promise that was not kept.</summary>
/// <param name="Promise">Its number in the engine's design: <c>I1</c>, <c>I2</c>, …</param>
/// <param name="BatchId">The batch; empty when it concerns the run.</param>
/// <param name="What">What was found; never content of a row.</param>
public sealed record Violation(string Promise, string BatchId, string What)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Promise} {BatchId}: {What}";
}
