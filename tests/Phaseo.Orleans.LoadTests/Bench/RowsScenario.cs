using System.Globalization;
using Phaseo.Orleans.LoadTests.Processes;

namespace Phaseo.Orleans.LoadTests.Bench;

/// <summary>The engine against both loops, over an upstream of one latency.</summary>
internal sealed class RowsScenario(string name, int latencyMs, double barOfTight, bool mustBeatNaive) : IScenario
{
    // Above it the loops differ too little to be limits: something other than the loops was measured.
    private const double VoidAbove = 0.85;

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public async Task RunAsync(BenchRun run, BenchReport report, CancellationToken cancellation)
    {
        var (naive, tight, engine) = (new Series(Contender.Naive.Name), new Series(Contender.Tight.Name), new Series(Contender.Engine.Name));
        (Contender Contender, Series Series)[] all = [(Contender.Naive, naive), (Contender.Tight, tight), (Contender.Engine, engine)];
        var input = await run.InputAsync(run.Options.Rows, cancellation);
        for (var round = 0; round < run.Options.Rounds; round++)
        {
            // Each round starts with another contender, so that none always runs on the warmest machine.
            foreach (var (contender, series) in all.Skip(round % all.Length).Concat(all.Take(round % all.Length)))
            {
                BenchRun.Note($"{name}: round {round + 1} of {run.Options.Rounds}, {contender.Name}");
                var (upstream, address) = await UpstreamCommand.StartAsync(
                    cancellation, "--latency-ms", latencyMs.ToString(CultureInfo.InvariantCulture));
                await using (upstream)
                {
                    series.Add(await contender.RunAsync(run, new RoundJob(input, address), cancellation));
                }
            }
        }

        Report(run, report, naive, tight, engine);
    }

    private void Report(BenchRun run, BenchReport report, Series naive, Series tight, Series engine)
    {
        var what = string.Create(CultureInfo.InvariantCulture, $"{run.Options.Rows:N0} rows, {latencyMs} ms upstream, C={run.Options.Concurrency}");
        report.Section(what, "Rates and CPU are medians of the rounds, a ratio is the median of the rounds' ratios, memory is the most of any round.");
        report.Table(
            ["", "rows/s", "slowest – fastest", "of the tight loop", "CPU µs/row", "of the naive loop", "peak MB"],
            new[] { naive, tight, engine }.Select(series => Cells(series, naive, tight)));
        var cpu = tight.CpuOf(naive);
        if (cpu > VoidAbove)
        {
            report.Void(name, string.Create(CultureInfo.InvariantCulture, $"the tight loop took {cpu:F2} of the naive loop's CPU a row; above {VoidAbove} nothing can be concluded."));
        }

        var rate = engine.RateOf(tight);
        report.Bar(what, $"≥{barOfTight} of the tight loop", rate.ToString("F2", CultureInfo.InvariantCulture), rate >= barOfTight);
        if (mustBeatNaive)
        {
            var ofNaive = engine.RateOf(naive);
            report.Bar("the same", "above the naive loop", string.Create(CultureInfo.InvariantCulture, $"{ofNaive:F2} of it"), ofNaive > 1);
            var cpuOfNaive = engine.CpuOf(naive);
            report.Bar("the same", "CPU a row ≤ the naive loop's", string.Create(CultureInfo.InvariantCulture, $"{cpuOfNaive:F2} of it"), cpuOfNaive <= 1);
        }
    }

    private static IReadOnlyList<string> Cells(Series series, Series naive, Series tight)
    {
        var (low, high) = series.RateRange;
        var culture = CultureInfo.InvariantCulture;
        return
        [
            series.Name,
            series.Rate.ToString("N0", culture),
            string.Create(culture, $"{low:N0} – {high:N0}"),
            series.RateOf(tight).ToString("F2", culture),
            series.CpuMicroseconds.ToString("F1", culture),
            series.CpuOf(naive).ToString("F2", culture),
            (series.PeakBytes / 1_000_000.0).ToString("F0", culture),
        ];
    }
}
