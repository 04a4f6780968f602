using Phaseo.Orleans.LoadTests.Engine;
using Phaseo.Orleans.LoadTests.Processes;
using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.LoadTests.Bench;

/// <summary>One silo on Azurite, one on a data folder, and the tight loop.</summary>
internal sealed class AzuriteScenario : IScenario
{
    // The most that a batch may have by default.
    private const int RowsOfWarmUp = 50_000;

    private const double BarOfTight = 0.45;
    private const double BarOfEmbeddedCpu = 1.25;

    /// <inheritdoc/>
    public string Name => "azurite";

    /// <inheritdoc/>
    public string What => "a silo on Azurite against one on a folder and the tight loop, 0 ms upstream";

    /// <inheritdoc/>
    public async Task RunAsync(BenchRun run, BenchReport report, CancellationToken cancellation)
    {
        var input = await run.InputAsync(run.Options.Rows, cancellation);
        var warmUp = run.NewPath("warm-up");
        await new RequestRows { Seed = -1, Model = EchoCatalog.WarmUpModel }.WriteAsync(warmUp, RowsOfWarmUp, cancellation);
        var (tight, embedded, azure) = (new Series(Contender.Tight.Name), new Series("a silo, data folder"), new Series("a silo, Azurite"));
        for (var round = 0; round < run.Options.Rounds; round++)
        {
            BenchRun.Note($"{Name}: round {round + 1} of {run.Options.Rounds}");
            var (upstream, addresses) = await UpstreamCommand.StartAsync(cancellation);
            await using var held = upstream;
            tight.Add(await Contender.Tight.RunAsync(run, new RoundJob(input, addresses), cancellation));
            embedded.Add(await RunAsync(run, addresses, ["--data", run.NewPath(Name)], warmUp, input, cancellation));
            await using var azurite = await AzuriteProcess.StartAsync();
            azure.Add(await RunAsync(run, addresses, AzureSilos.Storage(azurite), warmUp, input, cancellation));
        }

        Report(run, report, tight, embedded, azure);
    }

    private static async Task<RunResult> RunAsync(
        BenchRun run, UpstreamAddresses upstream, IReadOnlyList<string> storage, string warmUp, string input, CancellationToken cancellation)
    {
        await using var silo = await ServedSilos.StartAsync(run, upstream, storage, 1, run.Options.Concurrency, cancellation);
        for (var rows = 0; rows < run.Options.WarmUpRows; rows += RowsOfWarmUp)
        {
            await silo.RunAsync(warmUp, RowsOfWarmUp, cancellation);
        }

        return await silo.RunAsync(input, run.Options.Rows, cancellation);
    }

    private static void Report(BenchRun run, BenchReport report, Series tight, Series embedded, Series azure)
    {
        report.Section(
            $"{run.Options.Rows.Show()} rows on Azurite, 0 ms upstream",
            "A process of `phaseo serve` each, used through the API; Azurite in memory takes its own CPU from the same cores, and is not counted as the "
            + "silo's. As many rows before as elsewhere, in batches of 50,000. CPU of a silo is known to a hundredth of a second.");
        report.Table(
            ["", "rows/s", "slowest – fastest", "of the tight loop", "CPU µs/row", "of the data folder's", "peak MB"],
            new[] { tight, embedded, azure }.Select(series => (IReadOnlyList<string>)
            [
                series.Name,
                series.Rate.Show(0),
                $"{series.RateRange.Low.Show(0)} – {series.RateRange.High.Show(0)}",
                series.RateOf(tight).Show(2),
                series.CpuMicroseconds.Show(1),
                series.CpuOf(embedded).Show(2),
                Figures.Megabytes(series.PeakBytes),
            ]));
        var (rate, cpu) = (azure.RateOf(tight), azure.CpuOf(embedded));
        report.Bar($"{run.Options.Rows.Show()} rows on Azurite, 0 ms upstream", "≥0.45 of the tight loop", rate.Show(2), rate >= BarOfTight);
        report.Bar("the same", "the silo's CPU a row ≤1.25 of the data folder's", $"{cpu.Show(2)} of it", cpu <= BarOfEmbeddedCpu);
    }
}
