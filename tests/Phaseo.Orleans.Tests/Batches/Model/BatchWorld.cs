using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Phaseo.Orleans.Batches;

namespace Phaseo.Orleans.Tests.Batches.Model;

/// <summary>One moment of a batch and all around it. Immutable; two worlds with the same key go on the same way.</summary>
/// <param name="Saved">What storage has.</param>
/// <param name="Working">What the live grain knows; a crash forgets it.</param>
/// <param name="Shards">Journals and who writes them.</param>
/// <param name="Messages">All that was ever sent, sorted.</param>
/// <param name="Files">Parked shards by the file that holds them.</param>
internal sealed record BatchWorld(
    BatchState Saved,
    BatchState Working,
    ImmutableArray<ModelShard> Shards,
    ImmutableArray<ModelMessage> Messages,
    ImmutableSortedDictionary<string, ImmutableArray<ParkedShard>> Files)
{
    public static BatchWorld Before(ModelSize size) => new(
        new(), new(), [.. Enumerable.Repeat(ModelShard.New, size.Shards)], [], ImmutableSortedDictionary<string, ImmutableArray<ParkedShard>>.Empty);

    public string Key()
    {
        var key = new StringBuilder(256);
        Describe(key, Saved);
        if (!ReferenceEquals(Saved, Working))
        {
            Describe(key, Working);
        }

        foreach (var shard in Shards)
        {
            Add(key, $"{(shard.HasJournal ? 'J' : '-')}{shard.Recorded}.{shard.Fence}.{(shard.IsSealed ? 'S' : '-')}{shard.Sequence};");
        }

        foreach (var message in Messages)
        {
            Add(key, $"{message.Kind}{message.Shard}.{message.Epoch}.{message.Sequence}.{message.Recorded};");
        }

        return key.ToString();
    }

    public BatchWorld With(int shard, ModelShard changed) => this with { Shards = Shards.SetItem(shard, changed) };

    public BatchWorld Send(ModelMessage message)
    {
        var at = Messages.BinarySearch(message);
        return at >= 0 ? this : this with { Messages = Messages.Insert(~at, message) };
    }

    // Times and versions are left out: nothing is decided by them.
    private static void Describe(StringBuilder key, BatchState batch)
    {
        Add(key, $"{batch.Status}/{batch.Outcome}/{batch.NextShard}/{batch.OutputFileId}/{batch.Outbox.Length}/{batch.Ended.Completed}.{batch.Ended.Failed}/");
        foreach (var running in batch.Running.OrderBy(running => running.Shard))
        {
            Add(key, $"r{running.Shard}.{running.Epoch}.{running.Sequence}.{running.Tally.Completed}");
        }

        foreach (var parked in batch.Parked.OrderBy(parked => parked.Shard))
        {
            Add(key, $"p{parked.Shard}.{parked.Epoch}.{parked.Tally.Completed}");
        }

        foreach (var file in batch.ParkedFiles.OrderBy(file => file.File, StringComparer.Ordinal))
        {
            Add(key, $"f{file.File}.{file.Tally.Completed}");
        }

        foreach (var end in batch.Ends.OrderBy(end => end.Shard))
        {
            Add(key, $"e{end.Shard}");
        }

        Add(key, $"g{batch.EndFiles.Sum(file => file.Count)}|");
    }

    private static void Add(StringBuilder key, FormattableString text) => key.Append(text.ToString(CultureInfo.InvariantCulture));
}
