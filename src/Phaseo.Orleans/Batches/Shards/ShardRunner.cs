using System.Diagnostics;
using Phaseo.Orleans.Batches.Journals;

namespace Phaseo.Orleans.Batches.Shards;

/// <summary>
/// Sends a shard's open rows and records what comes back, until every row has a result, the shard is stopped, all
/// its rows have to wait, or another writer is in charge.
/// </summary>
/// <remarks>
/// All its code runs on a strand of its own, off the activation's scheduler: state is touched by one continuation at a
/// time, so there are no locks. Public members may be called from anywhere; what they ask for happens on the strand.
/// </remarks>
internal sealed class ShardRunner : IDisposable
{
    private const int DeathsUntilOneByOne = 5;
    private static readonly TimeSpan ParkFrom = TimeSpan.FromSeconds(5);

    private readonly Strand _strand;
    private readonly ShardServices _services;
    private readonly ShardJournal _journal;
    private readonly ShardRecorder _recorder;
    private readonly RunStatus _status;
    private readonly ShardLanes _lanes;
    private readonly ShardCalls _calls;
    private readonly ShardRounds _rounds;
    private long _progressAt;
    private bool _isOver;

    /// <summary>
    /// For a journal that this writer has fenced; its strand runs on <paramref name="home"/>, by default the pool. Spans
    /// of rows are below <paramref name="span"/>; null: not traced.
    /// </summary>
    public ShardRunner(
        ShardOrder order, ShardServices services, ShardInput input, ShardJournal journal, TaskScheduler? home = null, Activity? span = null)
    {
        _strand = new(home ?? TaskScheduler.Default);
        (_services, _journal) = (services, journal);
        _status = new(order, services.Time);
        _recorder = new(order, journal, services.Blobs, services.Time)
        {
            Flushed = OnFlushed,
            Filling = _status.Wakeup.Set,
            Lost = OnLost,
        };
        _lanes = new(order, services.Limiter, _status)
        {
            MayStart = MayStart,
            Call = (lane, row) => _calls!.CallAsync(lane, row),
            PassedOver = (row, until) => _rounds!.PassOver(row, until),
        };
        var routes = new ShardRoutes(order, services.Planner);
        _rounds = new(order, services, input, journal, _recorder, routes, _status) { Lanes = _lanes };
        _calls = new(order, services, _recorder, routes, _status)
        {
            OneByOne = journal.Ledger.SilentDeaths >= DeathsUntilOneByOne,
            Lanes = _lanes,
            Span = span,
            Answered = _rounds.TakeAsync,
        };
    }

    /// <summary>Called on the strand, after a flush and not too often, with what is recorded by then.</summary>
    public Action<ShardTally>? Progressed { get; set; }

    /// <summary>Sends rows until there is nothing to do for this run. Once.</summary>
    public Task<ShardRunEnd> RunAsync() => _strand.RunAsync(async () =>
    {
        try
        {
            return await RunToEndAsync();
        }
        finally
        {
            await DrainAsync();
            _recorder.Dispose();
            _isOver = true;
        }
    });

    /// <summary>Sets how many calls run at once in each lane; the limiter holds the silo's sum.</summary>
    public void SetCalls(int calls) => Ask(() =>
    {
        _lanes.CallsAtOnce = calls;
        _status.Wakeup.Set();

        // A flush that came too soon after a report was not told of, and calls that hang may let no other come.
        TellProgress();
    });

    /// <summary>Tells what is recorded, though nothing has been recorded since.</summary>
    public void TellBatch() => Ask(TellProgress);

    /// <summary>Starts no further row; calls in flight get <paramref name="grace"/>, then are dropped.</summary>
    public void Stop(ShardOutcome outcome, TimeSpan grace) => Ask(() => _status.Stop(outcome, grace));

    /// <summary>Leaves the rest to another activation; calls in flight get <paramref name="grace"/>.</summary>
    public void HandBack(TimeSpan grace) => Ask(() => _status.HandBack(grace));

    /// <summary>Drops everything at once: somebody else is in charge.</summary>
    public void Abort() => Ask(_status.DropAll);

    public void Dispose() => _status.Dispose();

    private void Ask(Action change) => _strand.Post(() =>
    {
        if (!_isOver)
        {
            change();
        }
    });

    private async Task<ShardRunEnd> RunToEndAsync()
    {
        await _rounds.PrepareAsync();
        while (true)
        {
            _status.ThrowIfFailed();
            _lanes.PumpAll();
            if (_status.InFlight == 0 && await TryEndAsync() is { } end)
            {
                return end;
            }

            await WaitAsync();
        }
    }

    // With nothing under way.
    private async Task<ShardRunEnd?> TryEndAsync()
    {
        if (_status.IsAborted || !IsInCharge)
        {
            return new(ShardRunResult.Lost, null);
        }

        if (_status.Open == 0 || _status.Stopping != ShardOutcome.None)
        {
            await _recorder.SealAsync(_status.Open == 0 ? ShardOutcome.Done : _status.Stopping);
            return new(IsInCharge ? ShardRunResult.Sealed : ShardRunResult.Lost, null);
        }

        if (_status.IsHandingBack)
        {
            await _rounds.KeepAttemptsAsync();
            await _recorder.PauseAsync();
            return new(ShardRunResult.HandedBack, null);
        }

        if (_rounds.NextAt is { } next && _lanes.AreEmpty && next - _services.Time.GetUtcNow() > ParkFrom)
        {
            await _recorder.PauseAsync();
            return new(IsInCharge ? ShardRunResult.Parked : ShardRunResult.Lost, next);
        }

        return null;
    }

    // Calls read the input's memory: it must not be given back under one that outlives a failed run.
    private async Task DrainAsync()
    {
        if (_status.InFlight == 0)
        {
            return;
        }

        _status.DropAll();
        while (_status.InFlight > 0)
        {
            await _status.Wakeup.WaitAsync(null);
        }
    }

    private bool IsInCharge => _recorder.State == JournalState.Open;

    private bool MayStart() => _status.MayGoOn && IsInCharge && !_recorder.IsFull && (!_calls.OneByOne || _status.InFlight == 0);

    private async Task WaitAsync()
    {
        if (_status.InFlight == 0)
        {
            // Nobody will add to this flush soon.
            await _recorder.FlushAsync();
        }

        var limit = _recorder.DueIn;
        if (_rounds.NextAt is { } next)
        {
            var until = next - _services.Time.GetUtcNow();
            limit = limit is { } due && due < until ? due : until;
        }

        await _status.Wakeup.WaitAsync(limit);
        if (_recorder.DueIn <= TimeSpan.Zero)
        {
            _status.Own(_recorder.FlushAsync());
        }

        await _rounds.BeginDueAsync();
    }

    private void OnFlushed()
    {
        _services.Metrics.Appended();
        TellProgress();
        _lanes.PumpAll();
    }

    private void OnLost()
    {
        _services.Metrics.FencedOut("append");
        Notice.Tell("fenced append");
        _status.DropAll();
    }

    private void TellProgress()
    {
        if (_services.Time.GetElapsedTime(_progressAt) >= _services.Options.ProgressInterval)
        {
            _progressAt = _services.Time.GetTimestamp();
            Progressed?.Invoke(_journal.Ledger.Tally);
        }
    }
}

/// <summary>Why a run ended, and when a parked shard wants to go on.</summary>
internal readonly record struct ShardRunEnd(ShardRunResult Result, DateTimeOffset? WakeAt);

/// <summary>The ways a run ends.</summary>
internal enum ShardRunResult
{
    /// <summary>The journal has its seal, from this writer.</summary>
    Sealed = 1,

    /// <summary>All rows wait.</summary>
    Parked = 2,

    /// <summary>This silo is stopping.</summary>
    HandedBack = 3,

    /// <summary>Another writer is in charge, or it is over.</summary>
    Lost = 4,
}
