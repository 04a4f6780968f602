using Microsoft.Extensions.Options;
using Phaseo.Orleans.Batches.Shards;
using Phaseo.Orleans.Cluster;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Batches;

/// <summary>What a batch needs of the silo; the same for all batches.</summary>
internal sealed class BatchServices(
    IBlobStore blobs,
    IJournalStore journals,
    IBatchIndex index,
    IOpenBatches open,
    BatchValidation validation,
    BatchFinisher finisher,
    BatchOutbox outbox,
    ShardCloser closer,
    IOptions<BatchOptions> options,
    SiloRoles roles,
    PhaseoMetrics metrics,
    ActiveBatches active,
    TimeProvider time)
{
    public IJournalStore Journals => journals;

    public IBatchIndex Index => index;

    public IOpenBatches Open => open;

    public BatchValidation Validation => validation;

    public BatchFinisher Finisher => finisher;

    public BatchOutbox Outbox => outbox;

    public ShardCloser Closer => closer;

    public BatchWorkFiles WorkFiles { get; } = new(blobs);

    public BatchOptions Options => options.Value;

    /// <summary>Calls at once over all workers that live; each silo's limiter holds its own share.</summary>
    public int CallsAtOnce => Options.MaxConcurrentCalls * Math.Max(1, Roles.Workers);

    /// <summary>Who may call providers.</summary>
    public SiloRoles Roles => roles;

    public PhaseoMetrics Metrics => metrics;

    /// <summary>What lives on this silo, for whoever looks.</summary>
    public ActiveBatches Active => active;

    public TimeProvider Time => time;
}
