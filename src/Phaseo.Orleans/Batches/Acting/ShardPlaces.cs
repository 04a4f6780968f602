using System.Collections.Immutable;

namespace Phaseo.Orleans.Batches.Acting;

/// <summary>Gives the places that a batch has to its shards: to those that were parked and are due, then to new ones.</summary>
internal sealed class ShardPlaces(ActContext batch, BatchFolder folder, ShardTelling telling)
{
    private const int CallsPerShard = 16;

    // The state holds each running shard; above 256 calls, each of them makes more.
    private const int MaxPlaces = 17;

    /// <summary>Fills the places that are free.</summary>
    public async Task FillAsync(CancellationToken cancellation)
    {
        await folder.FoldAsync(cancellation);
        await WakeParkedAsync(cancellation);
        await ChooseAsync(cancellation);
    }

    /// <summary>When the next parked shard wants a place that is free; null: the next report says more.</summary>
    public DateTimeOffset? NextWake()
    {
        var state = batch.State;
        var parked = state.Parked.Select(shard => shard.WakeAt).Concat(state.ParkedFiles.Select(file => file.WakeAt));
        var first = parked.DefaultIfEmpty(DateTimeOffset.MaxValue).Min();
        return first == DateTimeOffset.MaxValue || state.Running.Length >= Places ? null : first;
    }

    // Enough shards to use all calls at 16 each, and one more to have the next rows at hand.
    private int Places => Math.Min(((batch.Services.CallsAtOnce + CallsPerShard - 1) / CallsPerShard) + 1, MaxPlaces);

    private async Task WakeParkedAsync(CancellationToken cancellation)
    {
        var now = batch.Now;
        var free = Places - batch.State.Running.Length;
        await folder.UnfoldAsync(free - batch.State.Parked.Count(parked => parked.WakeAt <= now), now, cancellation);
        var due = batch.State.Parked.Where(parked => parked.WakeAt <= now).OrderBy(parked => parked.WakeAt).Take(Math.Max(free, 0));
        ImmutableArray<int> woken = [.. due.Select(parked => parked.Shard)];
        if (!woken.IsEmpty)
        {
            await batch.RecordAsync([new BatchEvent.ShardsWoken(woken)]);
            await telling.StartAsync(woken, cancellation);
        }
    }

    private async Task ChooseAsync(CancellationToken cancellation)
    {
        var free = Math.Min(Places - batch.State.Running.Length, batch.State.ShardCount - batch.State.NextShard);
        if (free <= 0)
        {
            return;
        }

        var first = batch.State.NextShard;
        for (var shard = first; shard < first + free; shard++)
        {
            await batch.Services.Journals.CreateAsync(new(batch.State.Workspace, batch.Id, shard), cancellation);
        }

        await batch.RecordAsync([new BatchEvent.ShardsChosen(first, free)]);
        FailPoint.Reach("K6");
        await telling.StartAsync(Enumerable.Range(first, free), cancellation);
    }
}
