using System.Globalization;
using Phaseo.Orleans.LoadTests.Processes;

namespace Phaseo.Orleans.LoadTests.Bench;

/// <summary>The engine against both loops, over an upstream of one latency.</summary>
internal sealed class RowsScenario(string name, int latencyMs, double barOfTight, bool mustBeatNaive) : IScenario
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public string What => $"the engine against both loops, {latencyMs} ms upstream";

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
                var (upstream, addresses) = await UpstreamCommand.StartAsync(
                    cancellation, "--latency-ms", latencyMs.ToString(CultureInfo.InvariantCulture));
                await using (upstream)
                {
                    series.Add(await contender.RunAsync(run, new RoundJob(input, addresses), cancellation));
                }
            }
        }

        var voids = VoidRounds.Find(tight, naive);
        if (voids.Count < run.Options.Rounds)
        {
            (naive, tight, engine) = (naive.Without(voids), tight.Without(voids), engine.Without(voids));
        }

        Report(run, report, naive, tight, engine);
        ReportVoid(run, report, voids);
    }

    private void Report(BenchRun run, BenchReport report, Series naive, Series tight, Series engine)
    {
        var what = string.Create(CultureInfo.InvariantCulture, $"{run.Options.Rows:N0} rows, {latencyMs} ms upstream, C={run.Options.Concurrency}");
        report.Section(what, "Rates and CPU are medians of the rounds, a ratio is the median of the rounds' ratios, memory is the most of any round.");
        report.Table(
            ["", "rows/s", "slowest – fastest", "of the tight loop", "CPU µs/row", "of the naive loop", "peak MB"],
            new[] { naive, tight, engine }.Select(series => Cells(series, naive, tight)));
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

    // Few of them are left out; many mean that this machine cannot tell today.
    private void ReportVoid(BenchRun run, BenchReport report, IReadOnlyList<int> voids)
    {
        if (voids.Count == 0)
        {
            return;
        }

        var numbers = string.Join(", ", voids.Select(round => round + 1));
        var why = string.Create(
            CultureInfo.InvariantCulture, $"in round {numbers} of {run.Options.Rounds} the tight loop took more than {VoidRounds.Above} of the naive loop's CPU a row");
        if (2 * voids.Count > run.Options.Rounds)
        {
            report.Void(name, $"{why}: nothing can be concluded.");
        }
        else
        {
            report.Remark($"{why}: void, and left out of all figures.");
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
