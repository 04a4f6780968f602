using Orleans.Storage;

namespace Phaseo.Orleans.Batches;

/// <content>What wakes a batch while it is in memory: its own turn, the heartbeat, the deadline.</content>
internal sealed partial class BatchGrain
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);
    private IGrainTimer? _wake;
    private IGrainTimer? _beat;
    private IGrainTimer? _deadline;

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

    private async Task BeatAsync(CancellationToken cancellation)
    {
        try
        {
            await services.Open.BeatAsync(_saver.Saved.Workspace, this.GetPrimaryKeyString(), Now, cancellation);
            if (await _acts.EnsureRunningAsync(cancellation))
            {
                Wake();
            }

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
        var isDue = now >= _saver.Working.ExpiresAt;
        Mutant.Change("deadline-ignored", ref isDue, false);
        return isDue
            ? RecordAsync(new BatchEvent.DeadlinePassed(now, CallsEnd(now, services.Options.ExpiryGrace)))
            : Task.CompletedTask;
    }
}
