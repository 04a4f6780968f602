using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Phaseo.Orleans.LoadTests.Processes;

namespace Phaseo.Orleans.LoadTests.Bench;

/// <summary>How long the published <c>phaseo serve</c> takes from its process's start until it says that it is ready.</summary>
internal sealed class StartScenario : IScenario
{
    private const int Batches = 1_000;
    private const double BarSeconds = 1.5;

    /// <inheritdoc/>
    public string Name => "start";

    /// <inheritdoc/>
    public string What => "seconds from the start of `phaseo serve` until it is ready";

    /// <inheritdoc/>
    public async Task RunAsync(BenchRun run, BenchReport report, CancellationToken cancellation)
    {
        var full = await FillAsync(run, cancellation);
        var (fresh, again) = (new Series("new folder"), new Series($"folder with {Batches.Show()} batches"));
        for (var round = 0; round < run.Options.Rounds; round++)
        {
            BenchRun.Note($"{Name}: round {round + 1} of {run.Options.Rounds}");
            fresh.Add(await StartAsync(run.Options.PhaseoPath, run.NewPath(Name), cancellation));
            again.Add(await StartAsync(run.Options.PhaseoPath, full, cancellation));
        }

        Report(report, fresh, again);
    }

    // The data folder of a silo that was killed.
    private async Task<string> FillAsync(BenchRun run, CancellationToken cancellation)
    {
        BenchRun.Note($"{Name}: {Batches.Show()} batches to start with");
        var folder = run.NewPath(Name);
        var (upstream, addresses) = await UpstreamCommand.StartAsync(cancellation);
        await using var held = upstream;
        await BatchesScenario.FillAsync(run, addresses, folder, Batches, 0, 0, cancellation);
        return Path.Combine(folder, "data");
    }

    private static async Task<RunResult> StartAsync(string program, string folder, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        await using var server = ChildProcess.Start(
            program, ["serve", "--urls", "http://127.0.0.1:0", "--data", folder, "--log-level", "Warning", "--json"], "phaseo");
        var meter = new ProcessMeter(server);
        using var said = JsonDocument.Parse(await server.ReadLineAsync(cancellation));
        using var client = new HttpClient { BaseAddress = new Uri(said.RootElement.GetProperty("urls")[0].GetString()!) };
        while (true)
        {
            using var answer = await client.GetAsync("/healthz/ready", cancellation);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                break;
            }
        }

        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var result = meter.Stop(1) with { Seconds = seconds };
        await server.KillAsync();
        return result;
    }

    private static void Report(BenchReport report, Series fresh, Series again)
    {
        report.Section(
            "phaseo serve to ready",
            "Published ready to run; from the start of the process until `/healthz/ready` answers 200; killed each time. Medians of the rounds.");
        report.Table(
            ["", "seconds", "fastest – slowest", "CPU s", "peak MB"],
            new[] { fresh, again }.Select(series => (IReadOnlyList<string>)
            [
                series.Name,
                series.Seconds.Show(2),
                $"{(1 / series.RateRange.High).Show(2)} – {(1 / series.RateRange.Low).Show(2)}",
                (series.CpuMicroseconds / 1_000_000).Show(2),
                Figures.Megabytes(series.PeakBytes),
            ]));
        foreach (var series in new[] { fresh, again })
        {
            report.Bar($"`phaseo serve` to ready, {series.Name}", "≤1.5 s", $"{series.Seconds.Show(2)} s", series.Seconds <= BarSeconds);
        }
    }
}
