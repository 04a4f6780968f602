using Phaseo.Orleans.Batches.Shards;

namespace Phaseo.Orleans.Batches.Acting;

/// <summary>What all acts of one batch work with.</summary>
/// <param name="Id">The batch's id.</param>
/// <param name="Services">What the silo has.</param>
/// <param name="Saver">The batch's state.</param>
/// <param name="RecordAsync">Takes in what happened, and waits until it is saved.</param>
/// <param name="RecordLater">Takes in what may be saved with something else.</param>
/// <param name="Grains">The way to the shards.</param>
internal sealed record ActContext(
    string Id,
    BatchServices Services,
    BatchSaver Saver,
    Func<BatchEvent[], Task> RecordAsync,
    Action<BatchEvent> RecordLater,
    IGrainFactory Grains)
{
    /// <summary>The state with all that has happened.</summary>
    public BatchState State => Saver.Working;

    /// <summary>The batch's clock, by which alone deadlines are judged.</summary>
    public DateTimeOffset Now => Services.Time.GetUtcNow();

    /// <summary>One of the batch's shards under an epoch.</summary>
    public IShardGrain Shard(int shard, long epoch) => Grains.GetGrain<IShardGrain>(ShardKeys.Of(Id, shard, epoch));
}
