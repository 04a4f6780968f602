using Phaseo.Orleans.Chaos.Plans;
using Phaseo.Orleans.Chaos.Running;
using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.Chaos.Judging;

/// <summary>Says of a run that is over which promises were broken, and what its calls show.</summary>
internal sealed class Judge(ChaosPlan plan, ChaosCluster cluster, int callsBefore, int disturbances, bool wasFrozen, TimeSpan allowance)
{
    private const int PerShard = 128;

    /// <summary>The broken promises.</summary>
    public async Task<IReadOnlyList<string>> RunAsync(IReadOnlyList<ChaosClient> clients, Coverage coverage, CancellationToken cancellation)
    {
        List<Violation> found = [];
        List<BatchEvidence> evidence = [];
        foreach (var client in clients.Where(client => !client.HasGivenUp))
        {
            var (batch, isListed) = await client.GatherAsync() ?? throw new InvalidOperationException("No silo lives at the end.");
            evidence.Add(batch);
            if (!isListed)
            {
                found.Add(new("I10", client.Id!, "The list shows another batch object than a read."));
            }

            if (TimeChecks.Check(await client.ReadRawAsync(), client.Plan.Rows, allowance) is { } late)
            {
                found.Add(late);
            }
        }

        var calls = cluster.Calls.Timed.Skip(callsBefore).ToList();
        found.AddRange(BatchOracle.Check(evidence, calls.Select(call => call.Call), Bounds()));
        await FindRemainsAsync(clients, found, cancellation);
        found.AddRange(cluster.Leaks.Select(_ => new Violation("I11", "", "A silo wrote a key or a row's content to its log.")));
        CountCalls(calls, coverage);
        return [.. found.Select(violation => violation.ToString())];
    }

    // On each kill at most the calls that run and what the shards of all batches have not recorded.
    private OracleBounds Bounds()
    {
        var calls = plan.Calls * plan.Silos;
        var shards = ((calls + 15) / 16) + 1;
        var unrecorded = plan.Batches.Sum(batch => Math.Min(batch.Rows, shards * PerShard));
        return new() { RepeatedCalls = disturbances * (calls + unrecorded), Frozen = wasFrozen, Prices = CrashCatalog.Prices };
    }

    private async Task FindRemainsAsync(IReadOnlyList<ChaosClient> clients, List<Violation> found, CancellationToken cancellation)
    {
        if (cluster.Home is FolderHome)
        {
            // Its stores belong to one process.
            foreach (var silo in cluster.Silos.Where(silo => silo.HasProcess))
            {
                if (await silo.StopAsync() is var code and not 0)
                {
                    found.Add(new("", "", $"SIGTERM ended a silo with {code}:\n{silo.Log}"));
                }
            }
        }

        foreach (var client in clients.Where(client => client.Id is not null))
        {
            found.AddRange(await cluster.Home.FindRemainsAsync(client.Id!, client.FileId!, client.Shards, cancellation));
        }
    }

    private static void CountCalls(List<TimedCall> calls, Coverage coverage)
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
