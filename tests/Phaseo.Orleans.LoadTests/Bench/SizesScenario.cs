using Phaseo.Orleans.LoadTests.Processes;

namespace Phaseo.Orleans.LoadTests.Bench;

/// <summary>
/// Batches of three sizes in one process, up to the largest and down again, so that whatever drifts meanwhile meets all.
/// </summary>
internal sealed class SizesScenario : IScenario
{
    private const double Flat = 0.10;
    private const long MostBytes = 300_000_000;

    // Small sizes are repeated: as many rows as the clock needs.
    private static readonly Size Small = new(1_000, 100);
    private static readonly Size Middle = new(50_000, 2);
    private static readonly Size Large = new(1_000_000, 1);
    private static readonly Size[] Order = [Small, Middle, Large, Middle, Small];

    // The rows that come before are one batch; what happens once a batch is not compiled by that.
    private static readonly Size Before = new(1_000, 200);

    /// <inheritdoc/>
    public string Name => "sizes";

    /// <inheritdoc/>
    public string What => "CPU a row of batches of 1,000, 50,000 and 1,000,000 rows, and memory at a million";

    /// <inheritdoc/>
    public async Task RunAsync(BenchRun run, BenchReport report, CancellationToken cancellation)
    {
        BenchRun.Note($"{Name}: {string.Join(", ", Order.Select(size => size.Rows.Show()))} rows");
        Size[] steps = [Before, .. Order];
        var inputs = new List<string>();
        foreach (var size in steps)
        {
            inputs.Add(await run.InputAsync(size.Rows, cancellation));
        }

        var (upstream, addresses) = await UpstreamCommand.StartAsync(cancellation);
        await using var held = upstream;
        await using var child = ChildProcess.Start(
            [
                "sizes", "--folder", run.NewPath(Name),
                "--input", .. inputs,
                "--batches", .. steps.Select(size => size.Batches.ToArgument()),
                .. run.EngineArguments(addresses),
            ]);
        await RunResult.ReadAsync(child, cancellation);
        var series = new Dictionary<Size, Series>();
        foreach (var size in Order)
        {
            series.TryAdd(size, new Series(size.Rows.Show()));
            series[size].Add(await RunResult.ReadAsync(child, cancellation));
        }

        await child.WaitAsync(cancellation);
        Report(report, series);
    }

    private static void Report(BenchReport report, Dictionary<Size, Series> series)
    {
        var middle = series[Middle].CpuMicroseconds;
        report.Section(
            "1,000, 50,000 and 1,000,000 rows a batch",
            "One process, up to the largest and down again, 0 ms upstream; small batches one after another, as many as give 100,000 rows, "
            + $"and {Before.Batches} of them before.");
        report.Table(
            ["rows a batch", "batches", "rows/s", "CPU µs/row", "of the 50,000"],
            series.Select(pair => (IReadOnlyList<string>)
            [
                pair.Value.Name,
                Order.Where(size => size == pair.Key).Sum(size => size.Batches).Show(),
                pair.Value.Rate.Show(0),
                pair.Value.CpuMicroseconds.Show(1),
                (pair.Value.CpuMicroseconds / middle).Show(2),
            ]));
        foreach (var size in new[] { Small, Large })
        {
            var ratio = series[size].CpuMicroseconds / middle;
            report.Bar(
                $"Batches of {size.Rows.Show()} rows", "CPU a row within 10 % of that at 50,000", $"{ratio.Show(2)} of it", Math.Abs(ratio - 1) <= Flat);
        }

        var peak = series[Large].PeakBytes;
        report.Bar("1,000,000 rows", "peak memory ≤300 MB", $"{Figures.Megabytes(peak)} MB", peak <= MostBytes);
    }

    private readonly record struct Size(int Rows, int Batches);
}
