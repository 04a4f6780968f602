using Phaseo.Orleans.LoadTests.Processes;

namespace Phaseo.Orleans.LoadTests.Bench;

/// <summary>How fast a stored input is validated by a silo that is warm.</summary>
internal sealed class ValidationScenario : IScenario
{
    private const int Rows = 200_000;
    private const double BarPerSecond = 150;

    /// <inheritdoc/>
    public string Name => "validation";

    /// <inheritdoc/>
    public string What => "megabytes of input validated a second";

    /// <inheritdoc/>
    public async Task RunAsync(BenchRun run, BenchReport report, CancellationToken cancellation)
    {
        BenchRun.Note($"{Name}: {Rows.Show()} rows");
        var input = await run.InputAsync(Rows, cancellation);
        var (upstream, addresses) = await UpstreamCommand.StartAsync(cancellation);
        await using var held = upstream;
        await using var child = ChildProcess.Start(
            [
                "validate", "--folder", run.NewPath(Name), "--input", input, "--rows", Rows.ToArgument(),
                "--passes", run.Options.Rounds.ToArgument(), .. run.EngineArguments(addresses),
            ]);
        var passes = new Series("validation");
        for (var pass = 0; pass < run.Options.Rounds; pass++)
        {
            passes.Add(await RunResult.ReadAsync(child, cancellation));
        }

        await child.WaitAsync(cancellation);
        Report(report, passes, new FileInfo(input).Length);
    }

    private static void Report(BenchReport report, Series passes, long bytes)
    {
        var (low, high) = passes.RateRange;
        report.Section(
            "Validation, warm",
            $"A stored file of {Rows.Show()} rows and {Figures.Megabytes(bytes)} MB, from its first byte to the stored shard index, after passes over as "
            + "many rows as elsewhere come before; the median of the passes.");
        report.Table(
            ["MB/s", "slowest – fastest", "CPU ms/MB", "peak MB"],
            [[passes.Rate.Show(0), $"{low.Show(0)} – {high.Show(0)}", (passes.CpuMicroseconds / 1000).Show(2), Figures.Megabytes(passes.PeakBytes)]]);
        report.Bar("Validation, warm", "≥150 MB/s", $"{passes.Rate.Show(0)} MB/s", passes.Rate >= BarPerSecond);
    }
}
