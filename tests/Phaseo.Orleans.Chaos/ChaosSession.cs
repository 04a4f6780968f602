using System.Collections.Concurrent;
using Phaseo.Orleans.Chaos.Judging;
using Phaseo.Orleans.Chaos.Plans;
using Phaseo.Orleans.Chaos.Running;
using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.Chaos;

/// <summary>
/// Runs many seeds: those of one silo some at a time, each on a folder of its own; those of three silos one after the
/// other on the same cluster, of which there are a few. What mostly waits has places of its own.
/// </summary>
internal sealed class ChaosSession(ChaosOptions options, MachinePauses pauses, Action<ChaosResult> ended, CancellationToken cancellation)
{
    private const int ClusterLanes = 2;

    private readonly ConcurrentQueue<ChaosResult> _results = new();

    /// <summary>Runs them all; every result.</summary>
    public async Task<IReadOnlyList<ChaosResult>> RunAsync()
    {
        var plans = Enumerable.Range(options.First, options.Seeds).Select(seed => Planner.Make(seed, options.Clusters)).ToList();

        // Those that mostly wait begin first and have places of their own.
        var single = plans.Where(plan => plan.Silos == 1).ToLookup(plan => plan.IsSlow);
        var clusters = plans.Where(plan => plan.Silos > 1).ToLookup(plan => plan.IsSlow);
        await using var azurite = clusters.Count > 0 ? await AzuriteProcess.StartAsync() : null;
        await Task.WhenAll(
            AllAsync(single[true], options.Lanes),
            AllAsync(single[false], options.Lanes),
            ClustersAsync(new(clusters[true]), azurite),
            Task.WhenAll(Enumerable.Repeat(new ConcurrentQueue<ChaosPlan>(clusters[false]), ClusterLanes).Select(plans => ClustersAsync(plans, azurite))));
        return [.. _results.OrderBy(result => result.Seed)];
    }

    private Task AllAsync(IEnumerable<ChaosPlan> plans, int lanes) => Parallel.ForEachAsync(
        plans,
        new ParallelOptions { MaxDegreeOfParallelism = lanes, CancellationToken = cancellation },
        async (plan, token) =>
        {
            await using var cluster = await ChaosCluster.CreateAsync(plan.Silos, connection: null, options.Logs, token);
            await RunAsync(plan, cluster);
        });

    private async Task ClustersAsync(ConcurrentQueue<ChaosPlan> plans, AzuriteProcess? azurite)
    {
        ChaosCluster? cluster = null;
        try
        {
            while (plans.TryDequeue(out var plan))
            {
                cluster ??= await ChaosCluster.CreateAsync(plan.Silos, azurite!.ConnectionString, options.Logs, cancellation);
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
        }
    }

    private async Task<bool> RunAsync(ChaosPlan plan, ChaosCluster cluster)
    {
        var result = await new ChaosRun(plan, cluster, pauses, cancellation).RunAsync();
        _results.Enqueue(result);
        ended(result);
        return result.Violations.Count == 0;
    }
}
