using System.Globalization;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.LoadTests.Engine;
using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.LoadTests.Load;

/// <summary>Many batches at once over a faulty upstream, silos killed meanwhile; then the oracle.</summary>
internal sealed class LoadRun(LoadOptions options, string folder)
{
    private static readonly TimeSpan CleanLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    private readonly CallLog _log = new();

    /// <summary>Runs; the promises that were broken.</summary>
    public async Task<IReadOnlyList<Violation>> RunAsync(CancellationToken cancellation)
    {
        await using var upstream = await EchoUpstream.StartAsync(
            new EchoUpstreamOptions
            {
                Latency = options.Latency,
                Log = _log,
                Faults = new EchoFaults { Seed = (ulong)options.Seed, Failing = options.Failing, Refused = options.Refused },
            },
            cancellation);
        await using var cluster = await LoadCluster.StartAsync(options, folder, upstream.Address);
        var batches = Plan(cluster.Client, out var rows);
        using var places = new SemaphoreSlim(options.AtOnce);
        var started = TimeProvider.System.GetTimestamp();
        var running = Task.WhenAll(batches.Select(batch => RunAsync(batch.Batch, batch.CancelAt, places, cancellation)));
        await KillAsync(cluster, rows, running, cancellation);
        await WaitAsync(running, batches.Select(batch => batch.Batch), cancellation);
        var views = await running;
        Print(views, TimeProvider.System.GetElapsedTime(started));
        return await JudgeAsync(cluster, [.. batches.Select(batch => batch.Batch)], cancellation);
    }

    private static async Task<BatchView> RunAsync(
        LoadBatch batch, int? cancelAt, SemaphoreSlim places, CancellationToken cancellation)
    {
        await places.WaitAsync(cancellation);
        try
        {
            var view = await batch.RunAsync(cancelAt, cancellation);
            await batch.Cancelling;
            return view;
        }
        finally
        {
            places.Release();
        }
    }

    private List<(LoadBatch Batch, int? CancelAt)> Plan(EngineClient client, out int rows)
    {
        var random = new Random(options.Seed);
        var batches = new List<(LoadBatch, int?)>();
        rows = 0;
        for (var i = 0; i < options.Batches; i++)
        {
            // As many small ones as large ones, on a logarithmic scale.
            var size = (int)(options.MinRows * Math.Pow((double)options.MaxRows / options.MinRows, random.NextDouble()));
            int? cancelAt = random.NextDouble() < options.Cancelled ? size / 2 : null;
            var name = i.ToString(CultureInfo.InvariantCulture);
            batches.Add((new LoadBatch(client, Path.Combine(folder, name), size, (options.Seed * 100_000) + i), cancelAt));
            rows += size;
        }

        return batches;
    }

    // Spread over the run by its calls, so that silos die while they work.
    private async Task KillAsync(LoadCluster cluster, int rows, Task running, CancellationToken cancellation)
    {
        for (var kill = 1; kill <= options.Kills; kill++)
        {
            var after = rows * kill / (options.Kills + 1);
            while (_log.Count < after && !running.IsCompleted)
            {
                await Task.Delay(Poll, TimeProvider.System, cancellation);
            }

            Console.Error.WriteLine($"killing a silo after {_log.Count} calls");
            await cluster.ReplaceOneAsync();
        }
    }

    // Says what hangs; that is what one wants to know of a run that was cut off.
    private static async Task WaitAsync(Task running, IEnumerable<LoadBatch> batches, CancellationToken cancellation)
    {
        try
        {
            await running.WaitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            foreach (var batch in batches.Where(batch => batch.Last is not { IsTerminal: true }))
            {
                Console.WriteLine($"not terminal: {batch.Id} {batch.Last}");
            }

            throw;
        }
    }

    private void Print(BatchView[] views, TimeSpan took)
    {
        var byStatus = views.CountBy(view => view.Status.ToWire()).OrderBy(pair => pair.Key, StringComparer.Ordinal);
        var faults = _log.Calls.CountBy(call => call.Fault).OrderBy(pair => pair.Key);
        Console.WriteLine($"seed {options.Seed}: {views.Length} batches ({Join(byStatus)}), {views.Sum(view => view.Total)} rows in {took.TotalSeconds:0.0} s");
        Console.WriteLine($"{_log.Count} calls ({Join(faults)}), {options.Kills} kills");

        static string Join<T>(IEnumerable<KeyValuePair<T, int>> counts) =>
            string.Join(", ", counts.Select(pair => $"{pair.Value} {pair.Key}"));
    }

    private async Task<IReadOnlyList<Violation>> JudgeAsync(
        LoadCluster cluster, IReadOnlyList<LoadBatch> batches, CancellationToken cancellation)
    {
        var left = await UntilCleanAsync(cluster, batches, cancellation);
        var evidence = new List<BatchEvidence>();
        foreach (var batch in batches)
        {
            evidence.Add(await batch.CollectAsync(cancellation));
        }

        // A killed silo of this process is not gone: its loops run on until their journals refuse them, as after a freeze.
        var shards = ((options.Concurrency + 15) / 16) + 1;
        var bounds = new OracleBounds
        {
            RepeatedCalls = options.Kills * options.Silos * (options.Concurrency + (shards * 128)),
            Frozen = options.Kills > 0,
            Prices = EchoCatalog.Prices,
        };
        var oracle = new BatchOracle(_log.Calls, bounds);
        evidence.ForEach(oracle.Add);
        var violations = oracle.Finish();
        Console.WriteLine($"{oracle.RepeatedCalls} repeated calls (at most {bounds.RepeatedCalls} may be)");
        return [.. violations, .. left];
    }

    private static async Task<IReadOnlyList<Violation>> UntilCleanAsync(
        LoadCluster cluster, IReadOnlyList<LoadBatch> batches, CancellationToken cancellation)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var left = new List<Violation>();
            foreach (var batch in batches)
            {
                left.AddRange(await batch.FindRemainsAsync(cluster.Remains, cancellation));
            }

            if (left.Count == 0 || TimeProvider.System.GetElapsedTime(start) > CleanLimit)
            {
                return left;
            }

            await Task.Delay(Poll, TimeProvider.System, cancellation);
        }
    }
}
