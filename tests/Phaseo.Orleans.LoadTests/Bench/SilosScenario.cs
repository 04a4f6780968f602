using Phaseo.Orleans.LoadTests.Processes;
using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.LoadTests.Bench;

/// <summary>Whether three silos do three times the work of one, where a silo's calls at once are the limit.</summary>
internal sealed class SilosScenario : IScenario
{
    private const int Silos = 3;
    private const int Concurrency = 100;
    private const int LatencyMs = 500;
    private const int RowsOfOne = 12_000;
    private const double Bar = 2.8;

    /// <inheritdoc/>
    public string Name => "silos";

    /// <inheritdoc/>
    public string What => "three silos against one on Azurite, 500 ms upstream";

    /// <inheritdoc/>
    public async Task RunAsync(BenchRun run, BenchReport report, CancellationToken cancellation)
    {
        var (one, three) = (new Series("one silo"), new Series("three silos"));
        for (var round = 0; round < run.Options.Rounds; round++)
        {
            BenchRun.Note($"{Name}: round {round + 1} of {run.Options.Rounds}");
            one.Add(await RunAsync(run, 1, cancellation));
            three.Add(await RunAsync(run, Silos, cancellation));
        }

        Report(report, one, three);
    }

    // As long for three as for one, so that start and end weigh the same.
    private static async Task<RunResult> RunAsync(BenchRun run, int silos, CancellationToken cancellation)
    {
        var rows = silos * RowsOfOne;
        var input = await run.InputAsync(rows, cancellation);
        await using var azurite = await AzuriteProcess.StartAsync();
        var (upstream, addresses) = await UpstreamCommand.StartAsync(cancellation, "--latency-ms", LatencyMs.ToArgument());
        await using var held = upstream;
        await using var served = await ServedSilos.StartAsync(run, addresses, AzureSilos.Storage(azurite), silos, Concurrency, cancellation);
        return await served.RunAsync(input, rows, cancellation);
    }

    private static void Report(BenchReport report, Series one, Series three)
    {
        report.Section(
            "Three silos against one",
            $"Processes of `phaseo serve` on Azurite in memory, all on the same cores; each may make {Concurrency} calls at once, the upstream takes "
            + $"{LatencyMs} ms; {RowsOfOne.Show()} rows for each silo, from create to completed files. Nothing is warmed up.");
        report.Table(
            ["", "rows/s", "slowest – fastest", "of one", "CPU µs/row of all silos", "peak MB of a silo"],
            new[] { one, three }.Select(series => (IReadOnlyList<string>)
            [
                series.Name,
                series.Rate.Show(0),
                $"{series.RateRange.Low.Show(0)} – {series.RateRange.High.Show(0)}",
                series.RateOf(one).Show(2),
                series.CpuMicroseconds.Show(0),
                Figures.Megabytes(series.PeakBytes),
            ]));
        var ratio = three.RateOf(one);
        report.Bar("Three silos, 500 ms upstream, each capped", "≥2.8 × one", $"{ratio.Show(2)} × one", ratio >= Bar);
    }
}
