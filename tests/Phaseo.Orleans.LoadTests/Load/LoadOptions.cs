namespace Phaseo.Orleans.LoadTests.Load;

/// <summary>A load run; all that is random in it depends on the seed.</summary>
internal sealed record LoadOptions
{
    /// <summary>Silos at the start. Default: 1.</summary>
    public int Silos { get; init; } = 1;

    /// <summary>Batches. Default: 40.</summary>
    public int Batches { get; init; } = 40;

    /// <summary>Batches that run side by side. Default: 1,000.</summary>
    public int AtOnce { get; init; } = 1_000;

    /// <summary>Rows of the smallest batch. Default: 1.</summary>
    public int MinRows { get; init; } = 1;

    /// <summary>Rows of the largest batch. Default: 2,000.</summary>
    public int MaxRows { get; init; } = 2_000;

    /// <summary>Calls at once on each silo. Default: 64.</summary>
    public int Concurrency { get; init; } = 64;

    /// <summary>The upstream's time to an answer. Default: 5 ms.</summary>
    public TimeSpan Latency { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>The share of calls that fail in a way worth a retry. Default: 0.05.</summary>
    public double Failing { get; init; } = 0.05;

    /// <summary>The share of rows that are answered with 400. Default: 0.02.</summary>
    public double Refused { get; init; } = 0.02;

    /// <summary>The share of batches that are cancelled on the way. Default: 0.1.</summary>
    public double Cancelled { get; init; } = 0.1;

    /// <summary>Silos that are killed on the way; each is replaced. Default: 0.</summary>
    public int Kills { get; init; }

    /// <summary>What the run depends on. Default: 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The longest that the run may take. Default: 10 minutes.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromMinutes(10);
}
