namespace Phaseo.Orleans.Chaos.Judging;

/// <summary>How one seed ended.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Theme">In a word, what it tried.</param>
/// <param name="Plan">What was planned, for people.</param>
/// <param name="Happened">What happened, counted, as <see cref="Coverage"/> has it.</param>
/// <param name="Violations">Promises that were broken; none: all were kept.</param>
/// <param name="Rows">Input rows of its batches.</param>
/// <param name="Calls">Calls that reached the upstream.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Takeovers">Seconds for which shards of silos that died or froze lay until another silo went on.</param>
internal sealed record ChaosResult(
    int Seed,
    string Theme,
    string Plan,
    IReadOnlyDictionary<string, int> Happened,
    IReadOnlyList<string> Violations,
    int Rows,
    int Calls,
    double Seconds,
    IReadOnlyList<double> Takeovers);

/// <summary>One run of the program, or a part of a longer one, as it is kept in a file: a line each.</summary>
/// <param name="First">The first seed.</param>
/// <param name="Seeds">How many.</param>
/// <param name="Clusters">Whether there were seeds of several silos.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="LateSeconds">What the machine was late meanwhile.</param>
/// <param name="Results">How each seed ended.</param>
internal sealed record ChaosRecord(
    int First, int Seeds, bool Clusters, double Seconds, double LateSeconds, IReadOnlyList<ChaosResult> Results);
