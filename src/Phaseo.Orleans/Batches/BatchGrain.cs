using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans.Storage;
using Phaseo.Orleans.Files;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Batches;

/// <summary>
/// One batch. Loads, applies, saves and acts; the rules are in <see cref="BatchTransitions"/> and
/// <see cref="BatchSteps"/>. Timers wake a live grain, the reminder a dead one; both only ask what is owed.
/// </summary>
[GrainType("batch")]
internal sealed partial class BatchGrain(
    [PersistentState("batch", GrainStorageNames.Phaseo)] IPersistentState<BatchState> storage,
    BatchServices services,
    ILogger<BatchGrain> log) : Grain, IBatchGrain, IRemindable, IDisposable
{
    private const string ReminderName = "drive";
    private static readonly TimeSpan ReminderPeriod = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);
    private BatchSaver _saver = null!;
    private BatchActs _acts = null!;
    private ImmutableArray<LineFault> _faults = [];
    private BatchView? _view;
    private IGrainTimer? _wake;
    private IGrainTimer? _beat;
    private IGrainTimer? _deadline;
    private CancellationTokenSource _step = new();
    private BatchStatus _shown;
    private bool _acting;
    private bool _again;
    private bool _progressDue;

    private DateTimeOffset Now => services.Time.GetUtcNow();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _saver = new(storage);
        _acts = new(this.GetPrimaryKeyString(), services, _saver, RecordAsync, RecordLater, GrainFactory);
        _shown = _saver.Saved.Status;
        await ShowAsync(cancellationToken);
        if (_saver.Saved.Status != BatchStatus.None)
        {
            StartTimers();
        }
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _step.CancelAsync();
    }

    public void Dispose() => _step.Dispose();

    public async Task<BatchView?> SubmitAsync(BatchSubmission submission)
    {
        if (_saver.Saved.Status == BatchStatus.None)
        {
            await this.RegisterOrUpdateReminder(ReminderName, ReminderPeriod, ReminderPeriod);
            FailPoint.Reach("K2d");
            await RecordAsync(new BatchEvent.Submitted(this.GetPrimaryKeyString(), submission));
            FailPoint.Reach("K2e");
            StartTimers();
        }

        await ShowInListsAsync();
        return _view;
    }

    public Task<BatchView?> GetAsync()
    {
        // A batch past its deadline that nobody has told yet.
        if (Now >= _saver.Saved.ExpiresAt && !_saver.Saved.Status.IsTerminal())
        {
            Wake();
        }

        return Task.FromResult(_view);
    }

    public Task<BatchProgress?> GetProgressAsync()
    {
        var saved = _saver.Saved;
        return Task.FromResult(_view is null ? null : new BatchProgress(
            saved.Workspace, saved.Status.IsTerminal(), saved.Submission!.InputBlob, saved.PlanFile, saved.OnlyShard, saved.NextShard));
    }

    public async Task<CancelResult> CancelAsync()
    {
        if (_saver.Working.Status == BatchStatus.None)
        {
            DeactivateOnIdle();
            return new(CancelOutcome.NotFound, null);
        }

        var now = Now;
        await RecordAsync(new BatchEvent.CancelRequested(now, CallsEnd(now, services.Options.CancelGrace)));
        Wake();
        return _saver.Saved.Status switch
        {
            BatchStatus.Cancelling or BatchStatus.Cancelled or BatchStatus.Finalizing => new(CancelOutcome.Accepted, _view),
            BatchStatus.Completed or BatchStatus.Failed or BatchStatus.Expired => new(CancelOutcome.TooLate, _view),
            BatchStatus.None or BatchStatus.Abandoned => new(CancelOutcome.NotFound, null),
            BatchStatus.Validating or BatchStatus.InProgress => throw new InvalidOperationException("A cancel was not saved."),
        };
    }

    public async Task DriveAsync()
    {
        if (_saver.Saved.Status == BatchStatus.None)
        {
            DeactivateOnIdle();
            return;
        }

        Wake();
        await ShowInListsAsync();
    }

    public async Task<bool> AbandonAsync(string workspace)
    {
        await RecordAsync(new BatchEvent.Abandoned(workspace, Now));
        if (_saver.Saved.Status != BatchStatus.Abandoned)
        {
            return false;
        }

        await UnregisterAsync();
        return true;
    }

    public async Task<bool> ReportAsync(ShardReport report)
    {
        try
        {
            return await _acts.TakeReportAsync(report);
        }
        finally
        {
            // Also when it was refused: a state that is full is made smaller by what is owed next.
            if (report.End is not null || report.ParkedUntil is not null)
            {
                Wake();
            }
        }
    }

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        if (_saver.Saved.Status == BatchStatus.None)
        {
            // A create that never got as far as a state: the sweep abandons it.
            DeactivateOnIdle();
            return Task.CompletedTask;
        }

        return DriveAsync();
    }

    // The terminal row is the outbox's to write, where it is acknowledged.
    private async Task ShowInListsAsync()
    {
        if (_view is { } view && !view.Status.IsTerminal())
        {
            await services.Index.UpsertAsync(BatchSnapshot.ToRow(view), CancellationToken.None);
        }
    }

    private void StartTimers()
    {
        _wake ??= this.RegisterGrainTimer(ActAsync, new() { DueTime = TimeSpan.Zero, Period = Timeout.InfiniteTimeSpan, Interleave = true });
        if (_saver.Saved.Status.IsTerminal())
        {
            return;
        }

        var interval = services.Options.HeartbeatInterval;
        _beat ??= this.RegisterGrainTimer(BeatAsync, new() { DueTime = interval, Period = interval, Interleave = true, KeepAlive = true });
        var left = _saver.Saved.ExpiresAt - Now;
        _deadline ??= this.RegisterGrainTimer(
            ExpireAsync, new() { DueTime = left > TimeSpan.Zero ? left : TimeSpan.Zero, Period = RetryPause, Interleave = true });
    }

    private void Wake()
    {
        StartTimers();
        _again = true;
        _wake?.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private async Task ActAsync(CancellationToken cancellation)
    {
        if (_acting)
        {
            _again = true;
            return;
        }

        _acting = true;
        try
        {
            await ActUntilIdleAsync();
        }
        catch (OperationCanceledException) when (_step.IsCancellationRequested)
        {
            _again = true;
        }
        catch (InconsistentStateException e)
        {
            LogConflict(log, this.GetPrimaryKeyString(), e);
            DeactivateOnIdle();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogActFailed(log, this.GetPrimaryKeyString(), BatchSteps.Next(_saver.Saved), e);
            _wake?.Change(RetryPause, Timeout.InfiniteTimeSpan);
        }
        finally
        {
            _acting = false;
        }

        if (_again)
        {
            _again = false;
            _wake?.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    private async Task ActUntilIdleAsync()
    {
        do
        {
            _again = false;
            if (_step.IsCancellationRequested)
            {
                _step.Dispose();
                _step = new();
            }

            await ExpireIfDueAsync();
            var step = BatchSteps.Next(_saver.Saved);
            var wakeAt = await ActAsync(step, _step.Token);
            if (step is not (BatchStep.RunShards or BatchStep.CloseShards or BatchStep.Forget or BatchStep.Rest))
            {
                _again = true;
            }
            else if (wakeAt is { } at)
            {
                var wait = at - Now;
                _wake?.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
            }
        }
        while (_again);
    }

    private async Task<DateTimeOffset?> ActAsync(BatchStep step, CancellationToken cancellation)
    {
        switch (step)
        {
            case BatchStep.Validate:
                await _acts.ValidateAsync(cancellation);
                return null;
            case BatchStep.RunShards:
                return await _acts.RunShardsAsync(cancellation);
            case BatchStep.CloseShards:
                return await _acts.CloseShardsAsync(cancellation);
            case BatchStep.CompleteFiles:
                await _acts.CompleteFilesAsync(cancellation);
                return null;
            case BatchStep.EmptyOutbox:
                await _acts.EmptyOutboxAsync(_view!, cancellation);
                return null;
            case BatchStep.Forget:
                await ForgetAsync();
                return null;
            default:
                return null;
        }
    }

    // Neither removal is acknowledged: whoever wakes a finished batch again comes here again.
    private async Task ForgetAsync()
    {
        if (_saver.Saved.Status != BatchStatus.Abandoned)
        {
            // Of an abandoned batch the sweep removes the row, after all else.
            await services.Open.RemoveAsync(_saver.Saved.Workspace, this.GetPrimaryKeyString(), CancellationToken.None);
        }

        FailPoint.Reach("K14");
        await UnregisterAsync();
        _beat?.Dispose();
        _deadline?.Dispose();
        (_beat, _deadline) = (null, null);
    }

    private async Task UnregisterAsync()
    {
        if (await this.GetReminder(ReminderName) is { } reminder)
        {
            await this.UnregisterReminder(reminder);
        }
    }

    private async Task BeatAsync(CancellationToken cancellation)
    {
        try
        {
            await services.Open.BeatAsync(_saver.Saved.Workspace, this.GetPrimaryKeyString(), Now, cancellation);
            await _acts.EnsureRunningAsync(cancellation);
            await SaveAsync();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            OnBackgroundFailure(e);
        }
    }

    private async Task ExpireAsync(CancellationToken cancellation)
    {
        try
        {
            await ExpireIfDueAsync();
            if (_saver.Saved.Status is not (BatchStatus.Validating or BatchStatus.InProgress) && Now >= _saver.Saved.ExpiresAt)
            {
                _deadline?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }

            Wake();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            OnBackgroundFailure(e);
        }
    }

    private void OnBackgroundFailure(Exception e)
    {
        if (e is InconsistentStateException)
        {
            DeactivateOnIdle();
        }

        LogActFailed(log, this.GetPrimaryKeyString(), BatchSteps.Next(_saver.Saved), e);
    }

    private Task ExpireIfDueAsync()
    {
        var now = Now;
        return now >= _saver.Working.ExpiresAt
            ? RecordAsync(new BatchEvent.DeadlinePassed(now, CallsEnd(now, services.Options.ExpiryGrace)))
            : Task.CompletedTask;
    }

    // Never longer than a call may take, nor than the deadline's own grace.
    private DateTimeOffset CallsEnd(DateTimeOffset now, TimeSpan grace)
    {
        var latest = _saver.Working.ExpiresAt + services.Options.ExpiryGrace;
        var end = now + (grace < services.Options.CallLimit ? grace : services.Options.CallLimit);
        return end < latest ? end : latest;
    }

    private async Task RecordAsync(params BatchEvent[] changes)
    {
        foreach (var change in changes)
        {
            _saver.Apply(change);
        }

        await SaveAsync();
    }

    // Figures that only move forward go out with the next save, at most once in a while.
    private void RecordLater(BatchEvent change)
    {
        if (_saver.Apply(change) && !_progressDue)
        {
            _progressDue = true;
            this.RegisterGrainTimer(SaveProgressAsync, new() { DueTime = services.Options.ProgressInterval, Period = Timeout.InfiniteTimeSpan, Interleave = true });
        }
    }

    private async Task SaveProgressAsync(CancellationToken cancellation)
    {
        _progressDue = false;
        try
        {
            await SaveAsync();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            OnBackgroundFailure(e);
        }
    }

    private async Task SaveAsync()
    {
        try
        {
            await _saver.SaveAsync();
        }
        finally
        {
            await ShowAsync(CancellationToken.None);
        }
    }

    private async Task ShowAsync(CancellationToken cancellation)
    {
        var saved = _saver.Saved;
        if (saved.FaultsFile is { } file && _faults.IsEmpty)
        {
            _faults = await services.WorkFiles.ReadFaultsAsync(file, cancellation);
        }

        if (_view?.Version != saved.Version)
        {
            _view = BatchViews.Of(saved, _faults);
        }

        if (_shown != saved.Status)
        {
            LogChanged(log, this.GetPrimaryKeyString(), _shown, saved.Status);
            services.Metrics.BatchChanged(saved.Status);
            _shown = saved.Status;
            await _step.CancelAsync();
        }
    }

    [LoggerMessage(LogLevel.Information, "Batch {BatchId} went from {From} to {To}")]
    private static partial void LogChanged(ILogger log, string batchId, BatchStatus from, BatchStatus to);

    [LoggerMessage(LogLevel.Warning, "Batch {BatchId} could not do {Step} and will try again")]
    private static partial void LogActFailed(ILogger log, string batchId, BatchStep step, Exception exception);

    [LoggerMessage(LogLevel.Warning, "Batch {BatchId} is written by another activation; this one goes")]
    private static partial void LogConflict(ILogger log, string batchId, Exception exception);
}
