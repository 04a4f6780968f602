using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Phaseo.Orleans.Cluster;
using Phaseo.Orleans.Providers;
using Phaseo.Orleans.Routing;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Batches.Shards;

/// <summary>What running a shard needs of the silo; the same for all shards.</summary>
internal sealed class ShardServices(
    IJournalStore journals,
    IBlobStore blobs,
    IRoutePlanner planner,
    IProviderLimiter limiter,
    IUpstreams upstreams,
    IOptions<BatchOptions> options,
    SiloRoles roles,
    SiloDrain drain,
    PhaseoMetrics metrics,
    TimeProvider time,
    ILogger<ShardGrain> log)
{
    public IJournalStore Journals => journals;

    public IBlobStore Blobs => blobs;

    public IRoutePlanner Planner => planner;

    public IProviderLimiter Limiter => limiter;

    public IUpstreams Upstreams => upstreams;

    public BatchOptions Options => options.Value;

    public SiloDrain Drain => drain;

    /// <summary>Whether a shard may be started on this silo.</summary>
    public bool TakesShards => roles.IsWorker && !drain.IsDraining;

    /// <summary>Whether this silo is to hand its shards to others, and there are any.</summary>
    public bool HandsOver => drain.IsDraining && roles.HasOtherWorker;

    public PhaseoMetrics Metrics => metrics;

    public TimeProvider Time => time;

    public ILogger Log => log;

    /// <summary>Whose threads run the shards. Default: the pool's.</summary>
    public TaskScheduler Threads { get; init; } = TaskScheduler.Default;
}
