using Phaseo.Orleans.Chaos.Plans;
using Phaseo.Orleans.Chaos.Running;
using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.Chaos.Judging;

/// <summary>Says of a run that is over which promises were broken, and what its calls show.</summary>
internal sealed class Judge(ChaosPlan plan, ChaosCluster cluster, int callsBefore, Disturbances disturbances, Coverage coverage)
{
    private const int PerShard = 128;

    private readonly List<Violation> _found = [];

    /// <summary>How long the shards of silos that died or froze lay.</summary>
    public IReadOnlyList<TimeSpan> Takeovers { get; private set; } = [];

    /// <summary>The broken promises.</summary>
    public async Task<IReadOnlyList<string>> RunAsync(IReadOnlyList<ChaosClient> clients, CancellationToken cancellation)
    {
        List<BatchEvidence> evidence = [];
        foreach (var client in clients.Where(client => !client.HasGivenUp))
        {
            var (batch, isListed) = await client.GatherAsync() ?? throw new InvalidOperationException("No silo lives at the end.");
            evidence.Add(batch);
            if (!isListed)
            {
                _found.Add(new("I10", client.Id!, "The list shows another batch object than a read."));
            }

            var shown = await client.ReadRawAsync();
            Add(TimeChecks.Check(shown, client.Plan.Rows, disturbances));
            Add(cluster.Telltales.Find(shown.GetRawText()) is { } told ? new("I11", client.Id!, $"The batch object has {told}.") : null);
        }

        var calls = cluster.Calls.Timed.Skip(callsBefore).ToList();
        _found.AddRange(BatchOracle.Check(evidence, calls.Select(call => call.Call), Bounds()));
        CheckTakeovers(evidence, calls);
        await CheckMetricsAsync(cancellation);
        await FindRemainsAsync(clients, cancellation);
        _found.AddRange(cluster.TakeLeaks().Select(told => new Violation("I11", "", $"A silo wrote {told} to its log.")));
        CountCalls(calls);
        return [.. _found.Select(violation => violation.ToString())];
    }

    private void Add(Violation? violation)
    {
        if (violation is not null)
        {
            _found.Add(violation);
        }
    }

    // On each kill at most the calls that run and what the shards of all batches have not recorded.
    private OracleBounds Bounds()
    {
        var calls = plan.Calls * plan.Silos;
        var shards = ((calls + 15) / 16) + 1;
        var unrecorded = plan.Batches.Sum(batch => Math.Min(batch.Rows, shards * PerShard));
        return new()
        {
            RepeatedCalls = disturbances.OfSilos * (calls + unrecorded),
            Frozen = disturbances.WasFrozen,
            Prices = CrashCatalog.Prices,
        };
    }

    private void CheckTakeovers(List<BatchEvidence> evidence, List<TimedCall> calls)
    {
        var inputs = evidence.Select(batch => (batch.BatchId, InputRows.Read(batch.InputPath, BodyHashes.Raw)));
        (Takeovers, var late) = new TakeoverCheck(inputs, calls, disturbances).Run();
        _found.AddRange(late);
        coverage.Add("happened", "work of a lost silo went on", Takeovers.Count);
    }

    private async Task CheckMetricsAsync(CancellationToken cancellation)
    {
        foreach (var silo in cluster.Silos.Where(silo => silo.Lives))
        {
            var metrics = await silo.ReadMetricsAsync(cancellation);
            Add(cluster.Telltales.Find(metrics) is { } told ? new("I11", "", $"A silo's metrics have {told}.") : null);
        }
    }

    private async Task FindRemainsAsync(IReadOnlyList<ChaosClient> clients, CancellationToken cancellation)
    {
        if (cluster.Home is FolderHome)
        {
            // Its stores belong to one process.
            foreach (var silo in cluster.Silos.Where(silo => silo.HasProcess))
            {
                if (await silo.StopAsync() is var code and not 0)
                {
                    _found.Add(new("", "", $"SIGTERM ended a silo with {code}:\n{silo.Log}"));
                }
            }
        }

        foreach (var client in clients.Where(client => client.Id is not null))
        {
            _found.AddRange(await cluster.Home.FindRemainsAsync(client.Id!, client.FileId!, client.Shards, cancellation));
        }
    }

    private void CountCalls(List<TimedCall> calls)
    {
        foreach (var kind in calls.Where(call => call.Call.Fault != EchoFault.None).GroupBy(call => call.Call.Fault))
        {
            coverage.Add("upstream", kind.Key.ToString(), kind.Count());
        }

        // Calls of the same row by two processes: the later one took it over.
        var byTwo = calls.GroupBy(call => call.Call.RowId).Count(row => row.Select(call => call.Caller).Distinct().Skip(1).Any());
        coverage.Add("happened", "takeover", byTwo);
        coverage.Add("happened", "call made again", calls.Count - calls.DistinctBy(call => (call.Call.RowId, call.Call.Attempt)).Count());
    }
}
