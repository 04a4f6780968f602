using Phaseo.Orleans.LoadTests.Processes;

namespace Phaseo.Orleans.LoadTests.Bench;

/// <summary>The rounds of one contender. Figures are medians; a ratio is the median of the rounds' ratios.</summary>
internal sealed class Series(string name)
{
    private readonly List<RunResult> _rounds = [];

    /// <summary>Whose rounds.</summary>
    public string Name { get; } = name;

    /// <summary>Items a second.</summary>
    public double Rate => Median(_rounds.Select(round => round.Rate));

    /// <summary>Microseconds of CPU an item.</summary>
    public double CpuMicroseconds => Median(_rounds.Select(round => round.CpuMicroseconds));

    /// <summary>Seconds a round.</summary>
    public double Seconds => Median(_rounds.Select(round => round.Seconds));

    /// <summary>The most resident memory of any round.</summary>
    public long PeakBytes => _rounds.Max(round => round.PeakBytes);

    /// <summary>The slowest and the fastest round.</summary>
    public (double Low, double High) RateRange => (_rounds.Min(round => round.Rate), _rounds.Max(round => round.Rate));

    /// <summary>Adds a round.</summary>
    public void Add(RunResult round) => _rounds.Add(round);

    /// <summary>This rate, as a part of the other's.</summary>
    public double RateOf(Series other) => Ratio(other, round => round.Rate);

    /// <summary>This CPU an item, as a part of the other's.</summary>
    public double CpuOf(Series other) => Ratio(other, round => round.CpuMicroseconds);

    /// <summary>The same for each round, in their order.</summary>
    public IEnumerable<double> CpuRatios(Series other) => Ratios(other, round => round.CpuMicroseconds);

    /// <summary>These rounds without some, numbered from 0.</summary>
    public Series Without(IReadOnlyList<int> rounds)
    {
        var rest = new Series(Name);
        rest._rounds.AddRange(_rounds.Where((_, round) => !rounds.Contains(round)));
        return rest;
    }

    private double Ratio(Series other, Func<RunResult, double> figure) => Median(Ratios(other, figure));

    private IEnumerable<double> Ratios(Series other, Func<RunResult, double> figure) =>
        _rounds.Zip(other._rounds, (mine, theirs) => figure(mine) / figure(theirs));

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
