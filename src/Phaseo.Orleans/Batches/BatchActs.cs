using System.Collections.Immutable;
using Phaseo.Orleans.Batches.Shards;
using Phaseo.Orleans.Files;

namespace Phaseo.Orleans.Batches;

/// <summary>
/// Carries out a batch's steps: gives places to shards, hears their reports, closes those that must end. Decides
/// nothing that a state could say; what it remembers is only which shards it has told what.
/// </summary>
/// <remarks>Used from the grain's scheduler only.</remarks>
internal sealed class BatchActs(
    string id,
    BatchServices services,
    BatchSaver saver,
    Func<BatchEvent[], Task> record,
    Action<BatchEvent> recordLater,
    IGrainFactory grains)
{
    private const int CallsPerShard = 16;
    private const int WastedShare = 50;
    private const int ClosersAtOnce = 8;
    private const int BlocksInState = 4;

    // The state holds each running shard; above 256 calls, each of them makes more.
    private const int MaxPlaces = 17;
    private static readonly TimeSpan StopMargin = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan EnsureInterval = TimeSpan.FromSeconds(15);

    private readonly BatchFolder _folder = new(id, services, saver, record);
    private readonly Dictionary<int, long> _told = [];
    private readonly HashSet<int> _stopped = [];
    private ImmutableArray<ShardSlice> _plan;
    private long _ensuredAt;
    private int _calls;

    private BatchState State => saver.Working;

    private DateTimeOffset Now => services.Time.GetUtcNow();

    /// <summary>Checks the input and takes in what was found.</summary>
    public async Task ValidateAsync(CancellationToken cancellation)
    {
        var found = await services.Validation.ValidateAsync(State, cancellation);
        FailPoint.Reach("K5");
        if (found is BatchEvent.Validated { OnlyShard: not null })
        {
            // Chosen by the same write, so its journal comes first.
            await services.Journals.CreateAsync(new(State.Workspace, id, 0), cancellation);
        }

        await record([found]);
        if (found is BatchEvent.Validated { OnlyShard: not null } && State.Status == BatchStatus.InProgress)
        {
            FailPoint.Reach("K6");
            await StartAsync(0, cancellation);
        }
    }

    /// <summary>Sees that as many shards run as there are places. Gives the time at which to look again.</summary>
    public async Task<DateTimeOffset?> RunShardsAsync(CancellationToken cancellation)
    {
        await _folder.FoldAsync(cancellation);
        await WakeParkedAsync(cancellation);
        await ChooseAsync(cancellation);
        await TellAsync(cancellation);
        return NextWake();
    }

    /// <summary>Ends every shard that has not ended. Gives the time at which to look again.</summary>
    public async Task<DateTimeOffset?> CloseShardsAsync(CancellationToken cancellation)
    {
        var outcome = RowOutcomes.Of(State.Outcome == BatchStatus.None ? State.Status : State.Outcome);
        var callsEnd = State.CallsEndAt ?? Now;
        var overdue = Now >= callsEnd + StopMargin;
        var grace = callsEnd > Now ? callsEnd - Now : TimeSpan.Zero;
        var running = State.Running;
        var telling = Task.WhenAll(running.Select(shard => StopAsync(shard, outcome, grace)));
        var heard = overdue ? new bool[running.Length] : await telling;
        List<int> close = [.. running.Where((_, index) => !heard[index]).Select(shard => shard.Shard)];
        close.AddRange(State.Parked.Select(parked => parked.Shard));
        while (close.Count > 0 || !State.ParkedFiles.IsEmpty || State.NextShard < State.ShardCount)
        {
            if (close.Count < ClosersAtOnce && !State.ParkedFiles.IsEmpty)
            {
                await _folder.UnfoldAsync(ClosersAtOnce - close.Count, DateTimeOffset.MaxValue, cancellation);
                close.AddRange(State.Parked.Select(parked => parked.Shard).Except(close));
            }

            var some = close.Take(ClosersAtOnce).ToList();
            close.RemoveRange(0, some.Count);
            for (var next = State.NextShard; some.Count < ClosersAtOnce && next < State.ShardCount; next++)
            {
                some.Add(next);
            }

            await CloseAsync(some, outcome, cancellation);
            await _folder.FoldAsync(cancellation);
        }

        // Those that were closed without an answer hear of it too: what they still do is for nothing.
        await telling;
        if (State.AllEnded)
        {
            // The last end may have come by a report that is still being saved: the next step reads the saved state,
            // and looking again at once would leave the save no turn.
            await record([]);
            return Now;
        }

        return overdue ? Now + StopMargin : callsEnd + StopMargin;
    }

    /// <summary>Completes the files and enters the terminal status.</summary>
    public async Task CompleteFilesAsync(CancellationToken cancellation)
    {
        await PlanAsync(cancellation);
        await services.Finisher.CompleteAsync(State, shard => Order(shard, long.MaxValue), cancellation);
        await record([new BatchEvent.FilesCompleted(Now)]);
        FailPoint.Reach("K12");
    }

    /// <summary>Does all that is owed, then says so in one write.</summary>
    public async Task EmptyOutboxAsync(BatchView view, CancellationToken cancellation)
    {
        foreach (var act in State.Outbox)
        {
            await services.Outbox.DoAsync(act, State, view, cancellation);
        }

        await record([new BatchEvent.OutboxEmptied()]);
    }

    /// <summary>Takes a shard's report in. False: nobody wants this shard under this epoch.</summary>
    public async Task<bool> TakeReportAsync(ShardReport report)
    {
        if (report.End is { } end)
        {
            await record([new BatchEvent.ShardEnded(await EndOfAsync(report.Shard, end), end.Tally, Now)]);
            return false;
        }

        var running = State.Running.FirstOrDefault(shard => shard.Shard == report.Shard);
        if (running is null || running.Epoch != report.Epoch)
        {
            return false;
        }

        if (report.ParkedUntil is { } until && State.Status == BatchStatus.InProgress)
        {
            _told.Remove(report.Shard);
            await record([new BatchEvent.ShardParked(report.Shard, report.Epoch, report.Tally, until)]);
            return false;
        }

        recordLater(new BatchEvent.ShardReported(report.Shard, report.Epoch, report.Sequence, report.Tally));
        return true;
    }

    /// <summary>Every 15 s: keeps running shards alive, and starts those again that do not run.</summary>
    public async Task EnsureRunningAsync(CancellationToken cancellation)
    {
        if (State.Status == BatchStatus.InProgress && services.Time.GetElapsedTime(_ensuredAt) >= EnsureInterval)
        {
            _ensuredAt = services.Time.GetTimestamp();
            _told.Clear();
            await TellAsync(cancellation);
        }
    }

    private async Task WakeParkedAsync(CancellationToken cancellation)
    {
        var now = Now;
        var free = Places() - State.Running.Length;
        await _folder.UnfoldAsync(free - State.Parked.Count(parked => parked.WakeAt <= now), now, cancellation);
        var due = State.Parked.Where(parked => parked.WakeAt <= now).OrderBy(parked => parked.WakeAt).Take(Math.Max(free, 0));
        ImmutableArray<int> woken = [.. due.Select(parked => parked.Shard)];
        if (!woken.IsEmpty)
        {
            await record([new BatchEvent.ShardsWoken(woken)]);
            foreach (var shard in woken)
            {
                await StartAsync(shard, cancellation);
            }
        }
    }

    private async Task ChooseAsync(CancellationToken cancellation)
    {
        var free = Math.Min(Places() - State.Running.Length, State.ShardCount - State.NextShard);
        if (free <= 0)
        {
            return;
        }

        var first = State.NextShard;
        for (var shard = first; shard < first + free; shard++)
        {
            await services.Journals.CreateAsync(new(State.Workspace, id, shard), cancellation);
        }

        await record([new BatchEvent.ShardsChosen(first, free)]);
        FailPoint.Reach("K6");
        for (var shard = first; shard < first + free && State.Status == BatchStatus.InProgress; shard++)
        {
            await StartAsync(shard, cancellation);
        }
    }

    // A shard that this activation has not told, or that may have died: does it run? If not, a new epoch first.
    private async Task TellAsync(CancellationToken cancellation)
    {
        var calls = CallsOf();
        if (calls != _calls)
        {
            _calls = calls;
            _told.Clear();
        }

        List<int> lost = [];
        foreach (var running in State.Running)
        {
            if (_told.GetValueOrDefault(running.Shard) == running.Epoch)
            {
                continue;
            }

            if (await Shard(running.Shard).EnsureRunningAsync(running.Epoch, calls) == ShardAnswer.Running)
            {
                _told[running.Shard] = running.Epoch;
            }
            else
            {
                lost.Add(running.Shard);
            }
        }

        if (lost.Count > 0)
        {
            await record([.. lost.Select(shard => new BatchEvent.EpochRaised(shard))]);
            foreach (var shard in lost)
            {
                await StartAsync(shard, cancellation);
            }
        }
    }

    private async Task StartAsync(int shard, CancellationToken cancellation)
    {
        // Nobody is told of an epoch that is not saved: another act may just be raising it.
        if (saver.Saved.Running.FirstOrDefault(running => running.Shard == shard) is not { } chosen || State.Status != BatchStatus.InProgress)
        {
            return;
        }

        await PlanAsync(cancellation);
        await Shard(shard).StartAsync(Order(shard, chosen.Epoch));
        _told[shard] = chosen.Epoch;
    }

    private async Task<bool> StopAsync(RunningShard running, Journals.ShardOutcome outcome, TimeSpan grace)
    {
        if (_stopped.Contains(running.Shard))
        {
            return true;
        }

        try
        {
            var answer = await Shard(running.Shard).StopAsync(running.Epoch, outcome, grace).WaitAsync(StopMargin, services.Time);
            if (answer == ShardAnswer.Running)
            {
                _stopped.Add(running.Shard);
                return true;
            }

            return false;
        }
        catch (Exception e) when (e is TimeoutException or OrleansException)
        {
            // It does not answer: closed without it when its calls' time is over.
            return true;
        }
    }

    private async Task CloseAsync(List<int> shards, Journals.ShardOutcome outcome, CancellationToken cancellation)
    {
        await record([.. shards.Select(shard => new BatchEvent.EpochRaised(shard))]);
        await PlanAsync(cancellation);
        var orders = saver.Saved.Running.Where(running => shards.Contains(running.Shard)).Select(running => Order(running.Shard, running.Epoch)).ToList();
        var ends = await Task.WhenAll(orders.Select(order => services.Closer.CloseAsync(order, outcome, cancellation)));
        List<BatchEvent> changes = [];
        foreach (var (order, end) in orders.Zip(ends))
        {
            if (end is not null)
            {
                changes.Add(new BatchEvent.ShardEnded(await EndOfAsync(order.Shard, end), end.Tally, Now));
            }
        }

        await record([.. changes]);
    }

    private async Task<EndedShard> EndOfAsync(int shard, ShardEnd end)
    {
        var parts = new ShardParts(end.Output, end.Errors, end.Rows);
        return parts.Count <= BlocksInState
            ? new(shard, parts, null)
            : new(shard, null, await services.WorkFiles.WritePartsAsync(State.Workspace, id, parts, CancellationToken.None));
    }

    private async ValueTask PlanAsync(CancellationToken cancellation)
    {
        if (_plan.IsDefault && State.ShardCount > 0)
        {
            _plan = State.PlanFile is { } file ? await services.WorkFiles.ReadPlanAsync(file, cancellation) : [State.OnlyShard!.Value];
        }
    }

    private ShardOrder Order(int shard, long epoch) => new()
    {
        Workspace = State.Workspace,
        Batch = id,
        Shard = shard,
        Epoch = epoch,
        Slice = _plan[shard],
        InputBlob = State.Submission!.InputBlob,
        Endpoint = State.Submission.Request.Endpoint,
        Policy = State.Submission.Request.Provider,
        Prices = State.Prices,
        Calls = CallsOf(),
        Remaining = State.ExpiresAt - Now,
    };

    // C calls on this silo: enough shards to use them at 16 each, and one more to have the next rows at hand.
    private int Places() => Math.Min(((services.Options.MaxConcurrentCalls + CallsPerShard - 1) / CallsPerShard) + 1, MaxPlaces);

    // The silo's calls, shared out: the last shards take those that finished ones no longer use. Rounded down where that
    // wastes little, because shards that together may do more than the silo make every single call wait its turn.
    private int CallsOf()
    {
        var calls = services.Options.MaxConcurrentCalls;
        var shards = Math.Max(State.Running.Length, 1);
        var share = calls / shards;
        return share * shards >= calls - (calls / WastedShare) ? share : share + 1;
    }

    private DateTimeOffset? NextWake()
    {
        var parked = State.Parked.Select(shard => shard.WakeAt).Concat(State.ParkedFiles.Select(file => file.WakeAt));
        var first = parked.DefaultIfEmpty(DateTimeOffset.MaxValue).Min();
        return first == DateTimeOffset.MaxValue || State.Running.Length >= Places() ? null : first;
    }

    private IShardGrain Shard(int shard) => grains.GetGrain<IShardGrain>(ShardKeys.Of(id, shard));
}
