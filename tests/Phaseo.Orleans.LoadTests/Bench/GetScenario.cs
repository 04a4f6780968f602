using System.Text.Json;
using Phaseo.Orleans.LoadTests.Engine;
using Phaseo.Orleans.LoadTests.Processes;

namespace Phaseo.Orleans.LoadTests.Bench;

/// <summary>Reads of one batch over HTTP against an empty endpoint of the same process, behind the same pipeline.</summary>
internal sealed class GetScenario : IScenario
{
    private const int Connections = 32;
    private const double BarOfEmpty = 0.5;
    private const int NoAnswerMs = 3_600_000;
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public string Name => "get";

    /// <inheritdoc/>
    public string What => "reads of a batch a second over HTTP, against an empty endpoint";

    /// <inheritdoc/>
    public async Task RunAsync(BenchRun run, BenchReport report, CancellationToken cancellation)
    {
        var (upstream, addresses) = await UpstreamCommand.StartAsync(cancellation, "--latency-ms", NoAnswerMs.ToArgument());
        await using var held = upstream;
        await using var child = ChildProcess.Start(["get", "--folder", run.NewPath(Name), .. run.EngineArguments(addresses)]);
        var targets = JsonSerializer.Deserialize<GetTargets>(await child.ReadLineAsync(cancellation))!;
        (string Path, Series Series)[] all =
        [
            (targets.Empty, new Series("empty endpoint")),
            (targets.Terminal, new Series("finished batch")),
            (targets.Running, new Series("running batch")),
        ];

        // The first round only warms up.
        for (var round = 0; round <= run.Options.Rounds; round++)
        {
            BenchRun.Note($"{Name}: round {round} of {run.Options.Rounds}");
            foreach (var (path, series) in all.Skip(round % all.Length).Concat(all.Take(round % all.Length)))
            {
                var pinger = new HttpPinger(targets.Address, path, EngineHost.Key);
                var meter = new ProcessMeter(child);
                var result = meter.Stop(await pinger.RunAsync(Connections, Turn, cancellation));
                if (round > 0)
                {
                    series.Add(result);
                }
            }
        }

        await child.KillAsync(); // Its upstream will not answer in time.
        Report(report, [.. all.Select(target => target.Series)]);
    }

    private static void Report(BenchReport report, Series[] all)
    {
        var empty = all[0];
        report.Section(
            "GET /v1/batches/{id}",
            $"Interleaved rounds of {Turn.TotalSeconds} s each after one that is not counted, {Connections} connections that stay open, from another process on "
            + "the same cores. The empty endpoint answers 200 with nothing, behind the same pipeline, authentication included. CPU is the server's.");
        report.Table(
            ["", "requests/s", "slowest – fastest", "of the empty endpoint", "CPU µs/request", "peak MB"],
            all.Select(series => (IReadOnlyList<string>)
            [
                series.Name,
                series.Rate.Show(0),
                $"{series.RateRange.Low.Show(0)} – {series.RateRange.High.Show(0)}",
                series.RateOf(empty).Show(2),
                series.CpuMicroseconds.Show(1),
                Figures.Megabytes(series.PeakBytes),
            ]));
        foreach (var series in all[1..])
        {
            var ratio = series.RateOf(empty);
            report.Bar($"`GET /v1/batches/{{id}}`, {series.Name}", "≥0.5 of an empty endpoint", ratio.Show(2), ratio >= BarOfEmpty);
        }
    }
}
