namespace Phaseo.Orleans.LoadTests.Bench;

/// <summary>
/// The rounds from which nothing can be concluded: where the loops differ too little to be limits, something other than
/// the loops was measured.
/// </summary>
internal static class VoidRounds
{
    /// <summary>A round is void when the tight loop takes more than this part of the naive loop's CPU a row.</summary>
    public const double Above = 0.85;

    /// <summary>Their numbers from 0, in order.</summary>
    public static IReadOnlyList<int> Find(Series tight, Series naive) =>
        [.. tight.CpuRatios(naive).Index().Where(round => round.Item > Above).Select(round => round.Index)];
}
