using System.Collections.Concurrent;
using Phaseo.Orleans.Chaos.Judging;
using Phaseo.Orleans.Chaos.Plans;
using Phaseo.Orleans.Chaos.Running;
using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.Chaos;

/// <summary>Runs many seeds: those of one silo some at a time, each on a folder of its own, those of three silos one after the other on one cluster.</summary>
internal sealed class ChaosSession(ChaosOptions options, Action<ChaosResult> ended, CancellationToken cancellation)
{
    private readonly ConcurrentQueue<ChaosResult> _results = new();

    /// <summary>Runs them all; every result.</summary>
    public async Task<IReadOnlyList<ChaosResult>> RunAsync()
    {
        var plans = Enumerable.Range(options.First, options.Seeds).Select(seed => Planner.Make(seed, options.Clusters)).ToList();

        // Those that mostly wait begin first and have places of their own.
        var slow = plans.Where(plan => plan.QuietLimit > TimeSpan.FromSeconds(100)).ToList();
        var single = plans.Where(plan => plan.Silos == 1).Except(slow);
        await Task.WhenAll(
            AllAsync(slow, options.Lanes),
            AllAsync(single, options.Lanes),
            ClustersAsync(plans.Where(plan => plan.Silos > 1)));
        return [.. _results];
    }

    private Task AllAsync(IEnumerable<ChaosPlan> plans, int lanes) => Parallel.ForEachAsync(
        plans,
        new ParallelOptions { MaxDegreeOfParallelism = lanes, CancellationToken = cancellation },
        async (plan, token) =>
        {
            await using var cluster = await ChaosCluster.CreateAsync(plan.Silos, connection: null, token);
            await RunAsync(plan, cluster);
        });

    private async Task ClustersAsync(IEnumerable<ChaosPlan> plans)
    {
        AzuriteProcess? azurite = null;
        ChaosCluster? cluster = null;
        try
        {
            foreach (var plan in plans)
            {
                azurite ??= await AzuriteProcess.StartAsync();
                cluster ??= await ChaosCluster.CreateAsync(plan.Silos, azurite.ConnectionString, cancellation);
                if (!await RunAsync(plan, cluster))
                {
                    // What a failed seed has left must not be the next one's trouble.
                    await cluster.DisposeAsync();
                    cluster = null;
                }
            }
        }
        finally
        {
            if (cluster is not null)
            {
                await cluster.DisposeAsync();
            }

            if (azurite is not null)
            {
                await azurite.DisposeAsync();
            }
        }
    }

    private async Task<bool> RunAsync(ChaosPlan plan, ChaosCluster cluster)
    {
        var result = await new ChaosRun(plan, cluster, cancellation).RunAsync();
        _results.Enqueue(result);
        ended(result);
        return result.Violations.Count == 0;
    }
}
