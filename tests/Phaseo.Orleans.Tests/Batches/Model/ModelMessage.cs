using Phaseo.Orleans.Batches;

namespace Phaseo.Orleans.Tests.Batches.Model;

/// <summary>
/// A report on its way. Once sent it can arrive at any time, any number of times, or never: reordered, repeated and
/// lost messages are all of that.
/// </summary>
internal readonly record struct ModelMessage(char Kind, int Shard, long Epoch, int Sequence, int Recorded, int Rows) : IComparable<ModelMessage>
{
    public BatchEvent ToEvent() => Kind switch
    {
        'R' => new BatchEvent.ShardReported(Shard, Epoch, Sequence, BatchScenes.Rows(Recorded)),
        'P' => new BatchEvent.ShardParked(Shard, Epoch, BatchScenes.Rows(Recorded), BatchScenes.At(60)),
        'E' => new BatchEvent.ShardEnded(
            new(Shard, new([], [], []), null), BatchScenes.Rows(Recorded, Rows - Recorded), BatchScenes.At(30 + Shard)),
        _ => throw new InvalidOperationException("No such message."),
    };

    public int CompareTo(ModelMessage other) => ToTuple().CompareTo(other.ToTuple());

    private (char Kind, int Shard, long Epoch, int Sequence, int Recorded) ToTuple() => (Kind, Shard, Epoch, Sequence, Recorded);
}
