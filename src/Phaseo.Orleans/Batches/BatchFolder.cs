using System.Collections.Immutable;

namespace Phaseo.Orleans.Batches;

/// <summary>
/// Keeps a batch's state small, however many shards it has: what ended or waits goes into files, written before the
/// state that names them; the state keeps their names and sums.
/// </summary>
/// <remarks>Used from the grain's scheduler only.</remarks>
internal sealed class BatchFolder(string id, BatchServices services, BatchSaver saver, Func<BatchEvent[], Task> record)
{
    /// <summary>Parked shards that are taken out of a file at once, at most.</summary>
    public const int UnfoldedAtOnce = 8;

    private const int InState = 16;
    private const int InLargeState = 4;
    private const int FilesInState = 8;

    private BatchState State => saver.Working;

    // A client's request can fill most of the row: then less of the rest has room.
    private int Room => saver.StoredBytes > BatchSaver.MaxStoredBytes / 2 ? InLargeState : InState;

    /// <summary>Puts into files what would make the state too large.</summary>
    public async Task FoldAsync(CancellationToken cancellation)
    {
        if (State.Ends.Length >= Room && !State.AllEnded)
        {
            await FoldEndsAsync(State.Ends, cancellation);
        }

        if (State.Parked.Length >= Room && State.Status == BatchStatus.InProgress)
        {
            await FoldParkedAsync(State.Parked, cancellation);
        }
    }

    /// <summary>Takes the first parked shards that are due by <paramref name="until"/> out of their files.</summary>
    public async Task UnfoldAsync(int count, DateTimeOffset until, CancellationToken cancellation)
    {
        count = Math.Min(count, UnfoldedAtOnce);
        foreach (var segment in State.ParkedFiles.Where(file => file.WakeAt <= until))
        {
            if (count <= 0)
            {
                return;
            }

            var parked = (await services.WorkFiles.ReadParkedAsync(segment.File, cancellation)).Sort((a, b) => a.WakeAt.CompareTo(b.WakeAt));
            ImmutableArray<ParkedShard> taken = [.. parked.TakeWhile(shard => shard.WakeAt <= until).Take(count)];
            await record([new BatchEvent.ParkedUnfolded(segment.File, taken, await KeepAsync(parked[taken.Length..], cancellation))]);
            count -= taken.Length;
        }
    }

    private async Task FoldEndsAsync(ImmutableArray<EndedShard> ends, CancellationToken cancellation)
    {
        ImmutableArray<string> replaced = State.EndFiles.Length < FilesInState ? [] : [.. State.EndFiles.Select(file => file.File)];
        var all = ImmutableArray.CreateBuilder<EndedShard>();
        foreach (var file in replaced)
        {
            all.AddRange(await services.WorkFiles.ReadEndsAsync(file, cancellation));
        }

        all.AddRange(ends);
        var name = await services.WorkFiles.WriteEndsAsync(State.Workspace, id, all.ToImmutable(), cancellation);
        await record([new BatchEvent.EndsFolded([.. ends.Select(end => end.Shard)], replaced, name)]);
    }

    private async Task FoldParkedAsync(ImmutableArray<ParkedShard> parked, CancellationToken cancellation)
    {
        ImmutableArray<string> replaced = State.ParkedFiles.Length < FilesInState ? [] : [.. State.ParkedFiles.Select(file => file.File)];
        var all = ImmutableArray.CreateBuilder<ParkedShard>();
        foreach (var file in replaced)
        {
            all.AddRange(await services.WorkFiles.ReadParkedAsync(file, cancellation));
        }

        all.AddRange(parked);
        if (await KeepAsync(all.ToImmutable(), cancellation) is { } segment)
        {
            await record([new BatchEvent.ParkedFolded([.. parked.Select(shard => shard.Shard)], replaced, segment)]);
        }
    }

    private async Task<ParkedSegment?> KeepAsync(ImmutableArray<ParkedShard> parked, CancellationToken cancellation) => parked.IsEmpty
        ? null
        : new(
            await services.WorkFiles.WriteParkedAsync(State.Workspace, id, parked, cancellation),
            parked.Length,
            parked.Min(shard => shard.WakeAt),
            parked.Aggregate(ShardTally.Zero, (sum, shard) => sum + shard.Tally).Abridged(1));
}
