using Phaseo.Orleans.Batches.Journals;

namespace Phaseo.Orleans.Batches.Acting;

/// <summary>Ends a batch's shards: those that run are asked to end themselves, all others are closed without being asked.</summary>
internal sealed class ShardClosing(ActContext batch, BatchFolder folder, ShardOrders orders, ShardTelling telling)
{
    private const int ClosersAtOnce = 8;
    private const int BlocksInState = 4;

    // How long after the end of its calls a shard may still end itself.
    private static readonly TimeSpan StopMargin = TimeSpan.FromSeconds(2);

    /// <summary>Ends every shard that has not ended. Gives the time at which to look again.</summary>
    public async Task<DateTimeOffset?> CloseAllAsync(CancellationToken cancellation)
    {
        var state = batch.State;
        var outcome = RowOutcomes.Of(state.Outcome == BatchStatus.None ? state.Status : state.Outcome);
        var callsEnd = state.CallsEndAt ?? batch.Now;
        var overdue = batch.Now >= callsEnd + StopMargin;
        Mutant.Change("silent-shard-awaited", ref overdue, false);
        var grace = callsEnd > batch.Now ? callsEnd - batch.Now : TimeSpan.Zero;
        var told = Task.WhenAll(state.Running.Select(shard => telling.StopAsync(shard, outcome, grace)));
        var heard = overdue ? new bool[state.Running.Length] : await told;
        List<int> close = [.. state.Running.Where((_, index) => !heard[index]).Select(shard => shard.Shard)];
        close.AddRange(batch.State.Parked.Select(parked => parked.Shard));
        await CloseInTurnAsync(close, outcome, cancellation);

        // Those that were closed without an answer hear of it too: what they still do is for nothing.
        await told;
        if (batch.State.AllEnded)
        {
            // The last end may have come by a report that is still being saved: the next step reads the saved state,
            // and looking again at once would leave the save no turn.
            await batch.RecordAsync([]);
            return batch.Now;
        }

        return overdue ? batch.Now + StopMargin : callsEnd + StopMargin;
    }

    /// <summary>What the state keeps of a shard's end: its parts, or the name of the file that lists them.</summary>
    public async Task<EndedShard> EndOfAsync(int shard, ShardEnd end)
    {
        var parts = new ShardParts(end.Output, end.Errors, end.Rows);
        return parts.Count <= BlocksInState
            ? new(shard, parts, null)
            : new(shard, null, await batch.Services.WorkFiles.WritePartsAsync(batch.State.Workspace, batch.Id, parts, CancellationToken.None));
    }

    // Those named, then all that wait in files, then all that were never chosen: some at a time.
    private async Task CloseInTurnAsync(List<int> close, ShardOutcome outcome, CancellationToken cancellation)
    {
        while (close.Count > 0 || !batch.State.ParkedFiles.IsEmpty || batch.State.NextShard < batch.State.ShardCount)
        {
            if (close.Count < ClosersAtOnce && !batch.State.ParkedFiles.IsEmpty)
            {
                await folder.UnfoldAsync(ClosersAtOnce - close.Count, DateTimeOffset.MaxValue, cancellation);
                close.AddRange(batch.State.Parked.Select(parked => parked.Shard).Except(close));
            }

            var some = close.Take(ClosersAtOnce).ToList();
            close.RemoveRange(0, some.Count);
            for (var next = batch.State.NextShard; some.Count < ClosersAtOnce && next < batch.State.ShardCount; next++)
            {
                some.Add(next);
            }

            await CloseAsync(some, outcome, cancellation);
            await folder.FoldAsync(cancellation);
        }
    }

    private async Task CloseAsync(List<int> shards, ShardOutcome outcome, CancellationToken cancellation)
    {
        await batch.RecordAsync([.. shards.Select(shard => new BatchEvent.EpochRaised(shard))]);
        await orders.PlanAsync(cancellation);
        var named = batch.Saver.Saved.Running.Where(running => shards.Contains(running.Shard)).Select(running => orders.Of(running.Shard, running.Epoch)).ToList();
        var ends = await Task.WhenAll(named.Select(order => batch.Services.Closer.CloseAsync(order, outcome, cancellation)));
        List<BatchEvent> changes = [];
        foreach (var (order, end) in named.Zip(ends))
        {
            if (end is not null)
            {
                changes.Add(new BatchEvent.ShardEnded(await EndOfAsync(order.Shard, end), end.Tally, batch.Now));
            }
        }

        await batch.RecordAsync([.. changes]);
    }
}
