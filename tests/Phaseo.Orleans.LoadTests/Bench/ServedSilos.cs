using System.Text.Json;
using Phaseo.Orleans.LoadTests.Engine;
using Phaseo.Orleans.LoadTests.Processes;
using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.LoadTests.Bench;

/// <summary>Processes of the published <c>phaseo serve</c>, used through the API as a client does.</summary>
internal sealed class ServedSilos(BenchRun run) : IAsyncDisposable
{
    private const string Key = "phk_bench";
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    private readonly List<ChildProcess> _silos = [];
    private Uri? _first;

    /// <summary>Starts silos.</summary>
    /// <param name="run">The run.</param>
    /// <param name="upstream">The upstream's addresses.</param>
    /// <param name="storage">What <c>phaseo serve</c> is told of its storage.</param>
    /// <param name="count">How many.</param>
    /// <param name="concurrency">Calls at once of each.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public static async Task<ServedSilos> StartAsync(
        BenchRun run, UpstreamAddresses upstream, IReadOnlyList<string> storage, int count, int concurrency, CancellationToken cancellation)
    {
        var catalog = run.NewPath("catalog.json");
        EchoCatalog.Write(catalog, upstream.Main, count * concurrency, upstream.WarmUp);
        var silos = new ServedSilos(run);
        try
        {
            for (var i = 0; i < count; i++)
            {
                await silos.AddAsync(catalog, storage, concurrency, cancellation);
            }

            return silos;
        }
        catch
        {
            await silos.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a file as one batch: its rows, the time from create to the end, and what all silos took.</summary>
    /// <exception cref="InvalidOperationException">The batch did not complete, or a row failed.</exception>
    /// <exception cref="InvalidDataException">A row has the answer to another, or none.</exception>
    public async Task<RunResult> RunAsync(string input, int rows, CancellationToken cancellation)
    {
        using var client = new BatchClient(Key, cancellation) { Server = _first! };
        var fileId = await client.UploadAsync(input);
        var meters = _silos.ConvertAll(silo => new ProcessMeter(silo));
        var id = await client.CreateAsync(fileId, "24h");
        BatchReading seen;
        while (!(seen = BatchReading.From(await client.GetAsync(id))).IsTerminal)
        {
            await Task.Delay(Poll, TimeProvider.System, cancellation);
        }

        if (seen.Status != "completed" || seen.Completed != rows)
        {
            throw new InvalidOperationException($"The batch is {seen.Status} with {seen.Completed} of {rows} rows.");
        }

        var results = meters.ConvertAll(meter => meter.Stop(rows));
        var output = run.NewPath("output");
        await client.DownloadAsync(seen.OutputFileId!, output);
        EchoCheck.Run(input, output, ordered: true);
        File.Delete(output);
        return results[0] with { CpuSeconds = results.Sum(result => result.CpuSeconds), PeakBytes = results.Max(result => result.PeakBytes) };
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var silo in _silos)
        {
            await silo.KillAsync();
            await silo.DisposeAsync();
        }
    }

    private async Task AddAsync(string catalog, IReadOnlyList<string> storage, int concurrency, CancellationToken cancellation)
    {
        var silo = ChildProcess.Start(
            run.Options.PhaseoPath,
            ["serve", "--urls", "http://127.0.0.1:0", "--catalog", catalog, "--key", Key, "--log-level", "Warning", "--json", .. storage],
            "phaseo",
            new Dictionary<string, string> { ["Batches__MaxConcurrentCalls"] = concurrency.ToArgument() });
        _silos.Add(silo);
        using var said = JsonDocument.Parse(await silo.ReadLineAsync(cancellation));
        _first ??= new Uri(said.RootElement.GetProperty("urls")[0].GetString()!);
    }
}
