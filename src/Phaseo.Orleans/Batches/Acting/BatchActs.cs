namespace Phaseo.Orleans.Batches.Acting;

/// <summary>
/// Carries out a batch's steps and hears its shards' reports. Decides nothing that a state could say; what it remembers
/// is only which shards it has told what. How shards get their places, are told and are closed stands in the files
/// beside.
/// </summary>
/// <remarks>Used from the grain's scheduler only.</remarks>
internal sealed class BatchActs
{
    private static readonly TimeSpan EnsureInterval = TimeSpan.FromSeconds(15);

    private readonly ActContext _batch;
    private readonly ShardOrders _orders;
    private readonly ShardTelling _telling;
    private readonly ShardPlaces _places;
    private readonly ShardClosing _closing;
    private long _ensuredAt;

    public BatchActs(ActContext batch)
    {
        var folder = new BatchFolder(batch.Id, batch.Services, batch.Saver, batch.RecordAsync);
        _batch = batch;
        _orders = new(batch);
        _telling = new(batch, _orders);
        _places = new(batch, folder, _telling);
        _closing = new(batch, folder, _orders, _telling);
    }

    private BatchState State => _batch.State;

    /// <summary>Checks the input and takes in what was found.</summary>
    public async Task ValidateAsync(CancellationToken cancellation)
    {
        var startedAt = _batch.Services.Time.GetTimestamp();
        var found = await _batch.Services.Validation.ValidateAsync(State, cancellation);
        _batch.Services.Metrics.Validated(found is BatchEvent.Validated, _batch.Services.Time.GetElapsedTime(startedAt));
        FailPoint.Reach("K5");
        if (found is BatchEvent.Validated { OnlyShard: not null })
        {
            // Chosen by the same write, so its journal comes first.
            await _batch.Services.Journals.CreateAsync(new(State.Workspace, _batch.Id, 0), cancellation);
        }

        await _batch.RecordAsync([found]);
        if (found is BatchEvent.Validated { OnlyShard: not null } && State.Status == BatchStatus.InProgress)
        {
            FailPoint.Reach("K6");
            await _telling.StartAsync([0], cancellation);
        }
    }

    /// <summary>Something may have happened to silos that run shards: <see cref="RunShardsAsync"/> asks them all.</summary>
    public void Doubt() => _telling.Doubt();

    /// <summary>Sees that as many shards run as there are places. Gives the time at which to look again.</summary>
    public async Task<DateTimeOffset?> RunShardsAsync(CancellationToken cancellation)
    {
        await _places.FillAsync(cancellation);
        await _telling.TellAsync(cancellation);
        var wake = _places.NextWake();
        var ask = _telling.AskAgainIn is { } pause ? _batch.Now + pause : wake;
        return wake < ask ? wake : ask;
    }

    /// <summary>Ends every shard that has not ended. Gives the time at which to look again.</summary>
    public Task<DateTimeOffset?> CloseShardsAsync(CancellationToken cancellation) => _closing.CloseAllAsync(cancellation);

    /// <summary>Completes the files and enters the terminal status.</summary>
    public async Task CompleteFilesAsync(CancellationToken cancellation)
    {
        await _orders.PlanAsync(cancellation);
        var filesFirst = true;
        Mutant.Change("state-before-files", ref filesFirst, false);
        if (filesFirst)
        {
            await _batch.Services.Finisher.CompleteAsync(State, shard => _orders.Of(shard, long.MaxValue), cancellation);
        }

        await _batch.RecordAsync([new BatchEvent.FilesCompleted(_batch.Now)]);
        FailPoint.Reach("K12");
        if (!filesFirst)
        {
            await _batch.Services.Finisher.CompleteAsync(State, shard => _orders.Of(shard, long.MaxValue), cancellation);
        }
    }

    /// <summary>Does all that is owed, then says so in one write.</summary>
    public async Task EmptyOutboxAsync(BatchView view, CancellationToken cancellation)
    {
        foreach (var act in State.Outbox)
        {
            await _batch.Services.Outbox.DoAsync(act, State, view, cancellation);
        }

        await _batch.RecordAsync([new BatchEvent.OutboxEmptied()]);
    }

    /// <summary>Takes a shard's report in. False: nobody wants this shard under this epoch.</summary>
    public async Task<bool> TakeReportAsync(ShardReport report)
    {
        if (report.End is { } end)
        {
            await _batch.RecordAsync([new BatchEvent.ShardEnded(await _closing.EndOfAsync(report.Shard, end), end.Tally, _batch.Now)]);
            return false;
        }

        var running = State.Running.FirstOrDefault(shard => shard.Shard == report.Shard);
        if (running is null || running.Epoch != report.Epoch)
        {
            return false;
        }

        if (report.ParkedUntil is { } until && State.Status == BatchStatus.InProgress)
        {
            _telling.Forget(report.Shard);
            await _batch.RecordAsync([new BatchEvent.ShardParked(report.Shard, report.Epoch, report.Tally, until)]);
            return false;
        }

        if (report.IsHandedBack && State.Status == BatchStatus.InProgress)
        {
            await _telling.MoveAsync(report, CancellationToken.None);
            return false;
        }

        _telling.Heard(report.Shard);
        _batch.RecordLater(new BatchEvent.ShardReported(report.Shard, report.Epoch, report.Sequence, report.Tally));
        return true;
    }

    /// <summary>
    /// Every 15 s: keeps running shards alive, and starts those again that do not run. True: one of them did not answer or
    /// found no silo, so that <see cref="RunShardsAsync"/> is owed, which asks it again.
    /// </summary>
    public async Task<bool> EnsureRunningAsync(CancellationToken cancellation)
    {
        if (State.Status == BatchStatus.InProgress && _batch.Services.Time.GetElapsedTime(_ensuredAt) >= EnsureInterval)
        {
            _ensuredAt = _batch.Services.Time.GetTimestamp();
            await _telling.TellAllAsync(cancellation);
            return _telling.AskAgainIn is not null;
        }

        return false;
    }
}
