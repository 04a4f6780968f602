using Microsoft.Extensions.Logging;
using Orleans.Storage;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Batches;

/// <content>The loop that does what is owed until nothing is.</content>
internal sealed partial class BatchGrain
{
    private CancellationTokenSource _step = new();
    private bool _acting;
    private bool _again;

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
            var wakeAt = await ActTracedAsync(step, _step.Token);
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

    private async Task<DateTimeOffset?> ActTracedAsync(BatchStep step, CancellationToken cancellation)
    {
        using var span = BatchSpans.Step(_saver.Saved, step);
        try
        {
            return await ActAsync(step, cancellation);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            span?.Fail(e is StorageUnavailableException ? "unavailable" : "_OTHER");
            throw;
        }
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

    [LoggerMessage(LogLevel.Warning, "Batch {BatchId} could not do {Step} and will try again")]
    private static partial void LogActFailed(ILogger log, string batchId, BatchStep step, Exception exception);

    [LoggerMessage(LogLevel.Warning, "Batch {BatchId} is written by another activation; this one goes")]
    private static partial void LogConflict(ILogger log, string batchId, Exception exception);
}
