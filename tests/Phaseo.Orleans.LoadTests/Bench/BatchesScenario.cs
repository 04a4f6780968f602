using System.Text.Json;
using Phaseo.Orleans.LoadTests.Engine;
using Phaseo.Orleans.LoadTests.Processes;

namespace Phaseo.Orleans.LoadTests.Bench;

/// <summary>Many small batches; then nothing may be left of them; then a crash, after which all can be read.</summary>
internal sealed class BatchesScenario : IScenario
{
    private const int Count = 10_000;
    private const int RowsEach = 5;
    private const int Before = 1_000;
    private const double BarPerSecond = 150;

    /// <inheritdoc/>
    public string Name => "batches";

    /// <inheritdoc/>
    public string What => "10,000 batches of 5 rows a second, what is left of them, and all read after kill -9";

    /// <inheritdoc/>
    public async Task RunAsync(BenchRun run, BenchReport report, CancellationToken cancellation)
    {
        BenchRun.Note($"{Name}: {Count.Show()} batches of {RowsEach} rows");
        var folder = run.NewPath(Name);
        var (upstream, addresses) = await UpstreamCommand.StartAsync(cancellation);
        await using var held = upstream;
        var (result, clean) = await FillAsync(run, addresses, folder, Count, Before, run.Options.WarmUpRows, cancellation);
        BenchRun.Note($"{Name}: reading after a crash");
        var read = await BenchRun.MeasureAsync(
            ["reread", "--folder", folder, "--rows", RowsEach.ToArgument(), .. run.EngineArguments(addresses, 0)], cancellation);
        Directory.Delete(folder, recursive: true);
        Report(report, result, clean, read);
    }

    /// <summary>Runs batches in a folder until nothing is left of them but their records and files, and kills the process.</summary>
    public static async Task<(RunResult Batches, CleanResult Clean)> FillAsync(
        BenchRun run, UpstreamAddresses upstream, string folder, int count, int before, int warmUpRows, CancellationToken cancellation)
    {
        await using var child = ChildProcess.Start(
            [
                "batches", "--folder", folder, "--input", await run.InputAsync(RowsEach, cancellation), "--count", count.ToArgument(),
                "--batches-before", before.ToArgument(), .. run.EngineArguments(upstream, warmUpRows),
            ]);
        var result = await RunResult.ReadAsync(child, cancellation);
        var clean = JsonSerializer.Deserialize<CleanResult>(await child.ReadLineAsync(cancellation))!;
        await child.KillAsync();
        return (result, clean);
    }

    private static void Report(BenchReport report, RunResult result, CleanResult clean, RunResult read)
    {
        var work = $"{Count.Show()} batches of {RowsEach} rows";
        report.Section(
            work,
            $"From the first create to the last terminal state, 32 creates at once, 0 ms upstream, after {Before.Show()} such batches more than the rows "
            + "that come before elsewhere. Then the oracle looks for what should be gone (I9), the process is killed with SIGKILL, started again on the same "
            + "folder, and every record is read.");
        report.Table(
            ["batches/s", "CPU ms/batch", "peak MB", "nothing left after s", "read again after the kill", "records/s"],
            [
                [
                    result.Rate.Show(0), (result.CpuMicroseconds / 1000).Show(2), Figures.Megabytes(result.PeakBytes), clean.Seconds.Show(1),
                    read.Items.Show(0), read.Rate.Show(0),
                ],
            ]);
        report.Bar(work, "≥150 batches/s", $"{result.Rate.Show(0)}", result.Rate >= BarPerSecond);
        report.Bar("the same", "nothing left within 60 s (I9)", clean.Left == 0 ? $"after {clean.Seconds.Show(1)} s" : $"{clean.Left.Show()} left", clean.Left == 0);
        report.Bar("the same", "all readable after `kill -9`", $"{read.Items.Show(0)}", read.Items == Count);
    }
}
