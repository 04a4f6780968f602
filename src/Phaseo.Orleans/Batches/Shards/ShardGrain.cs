using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Orleans.Placement;
using Phaseo.Orleans.Batches.Journals;
using Phaseo.Orleans.Cluster;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Batches.Shards;

/// <summary>Runs a shard, once, under the epoch of its key, which its batch has saved.</summary>
[GrainType("shard"), RandomPlacement, PreferWorkers]
internal sealed partial class ShardGrain(ShardServices services, IGrainFactory grains) : Grain, IShardGrain, IDisposable
{
    private static readonly TimeSpan HandBackGrace = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ReportPause = TimeSpan.FromSeconds(1);

    // A batch asks its running shards every 15 s: one that misses two questions may have been replaced.
    private static readonly TimeSpan LonelyAfter = TimeSpan.FromSeconds(30);
    private readonly CancellationTokenSource _ended = new();
    private ShardOrder? _order;
    private volatile ShardRunner? _runner; // a drain speaks to it from outside
    private (ShardOutcome Outcome, TimeSpan Grace)? _stop;
    private Task _run = Task.CompletedTask;
    private Task _reporting = Task.CompletedTask;
    private IGrainTimer? _lonely;
    private long _sequence;
    private long _startedAt;

    public Task<ShardAnswer> StartAsync(ShardOrder order)
    {
        if (_order is null && !services.TakesShards)
        {
            DeactivateOnIdle();
            return Task.FromResult(ShardAnswer.Elsewhere);
        }

        if (_order is null)
        {
            _order = order;
            _startedAt = services.Time.GetTimestamp();
            _lonely = this.RegisterGrainTimer(TellBatchAsync, new() { DueTime = LonelyAfter, Period = LonelyAfter, Interleave = true });
            _run = RunAsync(order);
        }

        return Task.FromResult(ShardAnswer.Running);
    }

    public Task<ShardAnswer> EnsureRunningAsync(long epoch, int calls)
    {
        if (_order?.Epoch != epoch)
        {
            return NotRunning();
        }

        _lonely?.Change(LonelyAfter, LonelyAfter);
        _runner?.SetCalls(calls);
        return Task.FromResult(ShardAnswer.Running);
    }

    public Task<ShardAnswer> StopAsync(long epoch, ShardOutcome outcome, TimeSpan grace)
    {
        if (_order?.Epoch != epoch)
        {
            return NotRunning();
        }

        _stop = (outcome, grace);
        _runner?.Stop(outcome, grace);
        return Task.FromResult(ShardAnswer.Running);
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _ended.Cancel();
        _runner?.HandBack(HandBackGrace);
        await _run.WaitAsync(cancellationToken);
    }

    public void Dispose() => _ended.Dispose();

    private Task<ShardAnswer> NotRunning()
    {
        if (_order is null)
        {
            DeactivateOnIdle();
        }

        return Task.FromResult(ShardAnswer.NotRunning);
    }

    private async Task RunAsync(ShardOrder order)
    {
        using var span = ShardSpans.Run(order);
        using var stay = services.Drain.Enter(grace => _runner?.HandBack(grace));
        try
        {
            await RunToEndAsync(order, span);
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            LogInterrupted(services.Log, order.Shard, order.Batch);
        }
        catch (Exception e)
        {
            // The batch finds a shard that does not run and starts it under a new epoch.
            LogFailed(services.Log, order.Shard, order.Batch, e);
            span?.Fail(e is StorageUnavailableException ? "unavailable" : "_OTHER");
        }

        _order = null;
        _lonely?.Dispose();
        DeactivateOnIdle();
    }

    private async Task RunToEndAsync(ShardOrder order, Activity? span)
    {
        var ledger = new ShardLedger(order.Slice.FirstRow, order.Slice.Rows);
        var journal = new ShardJournal(services.Journals, order.Journal, ledger, services.Time);
        var state = await journal.FenceAsync(order.Epoch, _ended.Token);
        span?.Began(state, ledger.Start);
        if (state is JournalState.Missing or JournalState.Fenced)
        {
            services.Metrics.FencedOut("start");
            return;
        }

        services.Metrics.ShardStarted(ledger.Start);
        using var input = await StorageRetry.UntilAnsweredAsync(
            services.Time, token => ShardInput.LoadAsync(services.Blobs, order.InputBlob, order.Slice, token), _ended.Token);
        if (state == JournalState.Open)
        {
            var end = await DispatchAsync(order, input, journal, span);
            span?.Ended(end, ledger.Recorded);
            if (end.Result == ShardRunResult.Parked)
            {
                services.Metrics.ShardParked();
                await ReportUntilTakenAsync(order.Batch, Report(order, ledger.Tally) with { ParkedUntil = end.WakeAt });
            }

            if (end.Result == ShardRunResult.HandedBack && services.HandsOver)
            {
                await ReportUntilTakenAsync(order.Batch, Report(order, ledger.Tally) with { IsHandedBack = true });
            }

            if (end.Result != ShardRunResult.Sealed)
            {
                return;
            }
        }

        using var stage = ShardSpans.Stage(span);
        var staging = new ShardStaging(services.Journals, services.Blobs);
        var staged = await StorageRetry.UntilAnsweredAsync(
            services.Time,
            token => staging.StageAsync(order, input, ledger, journal.Position, ledger.Outcome, token),
            _ended.Token);
        await ReportUntilTakenAsync(order.Batch, Report(order, staged.Tally) with { End = staged });
    }

    private async Task<ShardRunEnd> DispatchAsync(ShardOrder order, ShardInput input, ShardJournal journal, Activity? span)
    {
        // The fence and the input may have had to wait for storage, and the deadline has not waited with them.
        var left = order.Remaining - services.Time.GetElapsedTime(_startedAt);
        using var runner = new ShardRunner(order with { Remaining = left }, services, input, journal, services.Threads, span);
        var turns = TaskScheduler.Current;
        runner.Progressed = tally => Task.Factory.StartNew(
            () => ReportProgress(order, tally), CancellationToken.None, TaskCreationOptions.None, turns);
        _runner = runner;
        if (_stop is { } stop)
        {
            runner.Stop(stop.Outcome, stop.Grace);
        }

        if (services.Drain.CallsEndIn is { } calls)
        {
            runner.HandBack(calls);
        }

        try
        {
            return await runner.RunAsync();
        }
        finally
        {
            _runner = null;
        }
    }

    private ShardReport Report(ShardOrder order, ShardTally tally) => new()
    {
        Shard = order.Shard,
        Epoch = order.Epoch,
        Sequence = ++_sequence,
        Tally = tally,
    };

    // Whoever was replaced without hearing of it learns it by the answer. Its next append would tell too, but calls that
    // hang may hold that up, and keep their places meanwhile.
    private Task TellBatchAsync(CancellationToken cancellation)
    {
        _runner?.TellBatch();
        return Task.CompletedTask;
    }

    // Figures are absolute, so one that is lost is made good by the next. None is sent by a shard that goes: when a silo
    // stops, its batch may have gone first, and the message would look for a place where there is none.
    private void ReportProgress(ShardOrder order, ShardTally tally)
    {
        if (!_ended.IsCancellationRequested && _reporting.IsCompleted)
        {
            _reporting = TryReportAsync(order.Batch, Report(order, tally));
        }
    }

    private async Task<bool> TryReportAsync(string batch, ShardReport report)
    {
        try
        {
            if (!await grains.GetGrain<IBatchGrain>(batch).ReportAsync(report))
            {
                // The batch has given the shard to somebody else, or is over.
                _runner?.Abort();
            }

            return true;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogReportFailed(services.Log, report.Shard, batch, e);
            return false;
        }
    }

    private async Task ReportUntilTakenAsync(string batch, ShardReport report)
    {
        FailPoint.Reach("K9");
        while (!_ended.IsCancellationRequested && !await TryReportAsync(batch, report))
        {
            await Task.Delay(ReportPause, services.Time, _ended.Token);
        }
    }

    [LoggerMessage(LogLevel.Information, "Shard {Shard} of {BatchId} was interrupted")]
    private static partial void LogInterrupted(ILogger log, int shard, string batchId);

    [LoggerMessage(LogLevel.Error, "Shard {Shard} of {BatchId} failed; its batch will start it again")]
    private static partial void LogFailed(ILogger log, int shard, string batchId, Exception exception);

    [LoggerMessage(LogLevel.Debug, "Shard {Shard} of {BatchId} could not report")]
    private static partial void LogReportFailed(ILogger log, int shard, string batchId, Exception exception);
}
