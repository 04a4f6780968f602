using Microsoft.Extensions.Logging;
using Phaseo.Orleans.Batches.Acting;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Batches;

/// <summary>
/// One batch. Loads, applies, saves and acts; the rules are in <see cref="BatchTransitions"/> and
/// <see cref="BatchSteps"/>. Timers wake a live grain, the reminder a dead one; both only ask what is owed.
/// Here is what others ask of it; how it saves, acts and is woken stands in the files beside.
/// </summary>
[GrainType("batch")]
internal sealed partial class BatchGrain(
    [PersistentState("batch", GrainStorageNames.Phaseo)] IPersistentState<BatchState> storage,
    BatchServices services,
    ILogger<BatchGrain> log) : Grain, IBatchGrain, IRemindable, IDisposable
{
    private const string ReminderName = "drive";
    private static readonly TimeSpan ReminderPeriod = TimeSpan.FromMinutes(1);
    private BatchSaver _saver = null!;
    private BatchActs _acts = null!;

    private DateTimeOffset Now => services.Time.GetUtcNow();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _saver = new(storage);
        _acts = new(new(this.GetPrimaryKeyString(), services, _saver, RecordAsync, RecordLater, GrainFactory));
        _shown = _saver.Saved.Status;
        await ShowAsync(cancellationToken);
        if (_saver.Saved.Status != BatchStatus.None)
        {
            if (!_saver.Saved.Status.IsTerminal())
            {
                BatchSpans.Resumed(_saver.Saved);
            }

            StartTimers();
        }
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        services.Active.Remove(this);
        _step.Cancel();
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

        var view = _view;
        Mutant.Change("shown-before-saved", ref view, BatchViews.Of(_saver.Working, _faults));
        return Task.FromResult(view);
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

        // Whoever drives may know of a silo's death before this silo does.
        _acts.Doubt();
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
            // The last end may come before anything else has noticed that the window is over.
            await ExpireIfDueAsync();
            return await _acts.TakeReportAsync(report);
        }
        finally
        {
            // Also when it was refused: a state that is full is made smaller by what is owed next.
            if (report.End is not null || report.ParkedUntil is not null || report.IsHandedBack)
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

        // A tick that is skipped is not made up for, so no tick is later than a period.
        var sinceFirst = status.CurrentTickTime - status.FirstTickTime;
        services.Metrics.ReminderCame(new TimeSpan(Math.Max(0, sinceFirst.Ticks % status.Period.Ticks)));
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

    // Never longer than a call may take, nor than the deadline's own grace.
    private DateTimeOffset CallsEnd(DateTimeOffset now, TimeSpan grace)
    {
        var latest = _saver.Working.ExpiresAt + services.Options.ExpiryGrace;
        var end = now + (grace < services.Options.CallLimit ? grace : services.Options.CallLimit);
        return end < latest ? end : latest;
    }
}
