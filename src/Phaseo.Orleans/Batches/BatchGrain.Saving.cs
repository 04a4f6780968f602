using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Phaseo.Orleans.Files;

namespace Phaseo.Orleans.Batches;

/// <content>How a batch takes in what happened, saves it, and only then shows it.</content>
internal sealed partial class BatchGrain
{
    private ImmutableArray<LineFault> _faults = [];
    private BatchView? _view;
    private BatchStatus _shown;
    private bool _progressDue;

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
            ShowToOperators();
        }

        if (_shown != saved.Status)
        {
            LogChanged(log, this.GetPrimaryKeyString(), _shown, saved.Status);
            services.Metrics.BatchChanged(saved.Status);
            MeasureEnd(saved);
            _shown = saved.Status;
            _step.Cancel();
        }
    }

    private void ShowToOperators()
    {
        if (_view is { } view)
        {
            services.Active.Show(this, view);
        }
    }

    private void MeasureEnd(BatchState saved)
    {
        if (saved is { EndedAt: { } ended, Submission: { } submission } && saved.Status.IsTerminal())
        {
            services.Metrics.BatchEnded(saved.Status, ended - submission.CreatedAt, saved.ExpiresAt - ended);
            BatchSpans.Ended(saved);
        }
    }

    [LoggerMessage(LogLevel.Information, "Batch {BatchId} went from {From} to {To}")]
    private static partial void LogChanged(ILogger log, string batchId, BatchStatus from, BatchStatus to);
}
