namespace Phaseo.Orleans.LoadTests.Bench;

/// <summary>How much to measure.</summary>
internal sealed record BenchOptions
{
    /// <summary>Interleaved rounds of each contender. Default: 5.</summary>
    public int Rounds { get; init; } = 5;

    /// <summary>Rows of the scenarios that compare with the loops. Default: 50,000.</summary>
    public int Rows { get; init; } = 50_000;

    /// <summary>Calls at once. Default: 256.</summary>
    public int Concurrency { get; init; } = 256;

    /// <summary>
    /// Rows that every measured process sends first. Default: 700,000: a server lives long, and the runtime goes on
    /// compiling the engine's hot methods again, in the background, until about that many.
    /// </summary>
    public int WarmUpRows { get; init; } = 700_000;

    /// <summary>The published command line. Default: where <c>./bench</c> puts it.</summary>
    public string PhaseoPath { get; init; } = Path.Combine("artifacts", "bench-phaseo", "phaseo");

    /// <summary>Only the scenarios of these names; empty: all.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];
}
