using System.Buffers;
using Phaseo.Orleans.Batches.Journals;
using Phaseo.Orleans.Files;
using Phaseo.Orleans.Providers;
using Phaseo.Orleans.Routing;
using Phaseo.Orleans.Storage;

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
    private const int KillsPerRow = 3;
    private const int DeathsUntilOneByOne = 5;
    private static readonly TimeSpan ParkFrom = TimeSpan.FromSeconds(5);

    private readonly Strand _strand;
    private readonly ShardOrder _order;
    private readonly ShardServices _services;
    private readonly ShardInput _input;
    private readonly ShardJournal _journal;
    private readonly ShardRecorder _recorder;
    private readonly ShardRoutes _routes;
    private readonly RowLines _lines;
    private readonly Dictionary<string, ShardLane> _lanes = [];
    private readonly List<ShardLane> _lanesInOrder = [];
    private readonly PriorityQueue<RowWork, DateTimeOffset> _waiting = new();
    private readonly Stack<ArrayBufferWriter<byte>> _scratch = new();
    private readonly CancellationTokenSource _claims = new();
    private readonly CancellationTokenSource _calls = new();
    private readonly DateTimeOffset _deadline;
    private readonly long _startedAt;
    private readonly bool _oneByOne;
    private long _progressAt;
    private TaskCompletionSource _wake = NewWake();
    private ITimer? _grace;
    private Exception? _fault;
    private ShardOutcome _stopping;
    private int _callsAtOnce;
    private int _inFlight;
    private int _open;
    private bool _handingBack;
    private bool _aborted;
    private bool _isOver;

    /// <summary>For a journal that this writer has fenced; its strand runs on <paramref name="home"/>, by default the pool.</summary>
    public ShardRunner(ShardOrder order, ShardServices services, ShardInput input, ShardJournal journal, TaskScheduler? home = null)
    {
        _strand = new(home ?? TaskScheduler.Default);
        (_order, _services, _input, _journal) = (order, services, input, journal);
        _recorder = new(order, journal, services.Blobs, services.Time) { Flushed = OnFlushed, Filling = Wake, Lost = DropAll };
        _routes = new(order, services.Planner);
        _lines = new(order.Batch);
        _startedAt = services.Time.GetTimestamp();
        _deadline = services.Time.GetUtcNow() + order.Remaining;
        _oneByOne = journal.Ledger.SilentDeaths >= DeathsUntilOneByOne;
        _callsAtOnce = order.Calls;
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
        _callsAtOnce = calls;
        Wake();

        // A flush that came too soon after a report was not told of, and calls that hang may let no other come.
        TellProgress();
    });

    /// <summary>Starts no further row; calls in flight get <paramref name="grace"/>, then are dropped.</summary>
    public void Stop(ShardOutcome outcome, TimeSpan grace) => Ask(() =>
    {
        if (_stopping == ShardOutcome.None)
        {
            _stopping = outcome;
            DropCallsAfter(grace);
        }
    });

    /// <summary>Leaves the rest to another activation; calls in flight get <paramref name="grace"/>.</summary>
    public void HandBack(TimeSpan grace) => Ask(() =>
    {
        _handingBack = true;
        DropCallsAfter(grace);
    });

    /// <summary>Drops everything at once: somebody else is in charge.</summary>
    public void Abort() => Ask(DropAll);

    public void Dispose()
    {
        _grace?.Dispose();
        _claims.Dispose();
        _calls.Dispose();
    }

    private void Ask(Action change) => _strand.Post(() =>
    {
        if (!_isOver)
        {
            change();
        }
    });

    private void DropAll()
    {
        _aborted = true;
        _claims.Cancel();
        _calls.Cancel();
        Wake();
    }

    private async Task<ShardRunEnd> RunToEndAsync()
    {
        await PrepareAsync();
        while (true)
        {
            Throw();
            PumpAll();
            if (IsLost)
            {
                if (_inFlight == 0)
                {
                    return new(ShardRunResult.Lost, null);
                }
            }
            else if (_inFlight == 0 && (_open == 0 || _stopping != ShardOutcome.None))
            {
                await _recorder.SealAsync(_open == 0 ? ShardOutcome.Done : _stopping);
                return new(_recorder.State == JournalState.Open ? ShardRunResult.Sealed : ShardRunResult.Lost, null);
            }
            else if (_handingBack && _inFlight == 0)
            {
                await KeepAttemptsAsync();
                await _recorder.PauseAsync();
                return new(ShardRunResult.HandedBack, null);
            }
            else if (ParksUntil() is { } until)
            {
                await _recorder.PauseAsync();
                return new(_recorder.State == JournalState.Open ? ShardRunResult.Parked : ShardRunResult.Lost, until);
            }

            await WaitAsync();
        }
    }

    // Calls read the input's memory: it must not be given back under one that outlives a failed run.
    private async Task DrainAsync()
    {
        if (_inFlight == 0)
        {
            return;
        }

        DropAll();
        while (_inFlight > 0)
        {
            await _wake.Task;
            _wake = NewWake();
        }
    }

    private void DropCallsAfter(TimeSpan grace)
    {
        _claims.Cancel();
        _grace = _services.Time.CreateTimer(calls => ((CancellationTokenSource)calls!).Cancel(), _calls, grace, Timeout.InfiniteTimeSpan);
        Wake();
    }

    private bool IsLost => _aborted || _recorder.State != JournalState.Open;

    private bool MayStart =>
        _stopping == ShardOutcome.None && !_handingBack && !IsLost && !_recorder.IsFull
        && (!_oneByOne || _inFlight == 0)
        && _services.Time.GetElapsedTime(_startedAt) < _order.Remaining;

    private async Task PrepareAsync()
    {
        var now = _services.Time.GetUtcNow();
        foreach (var row in _input.Rows)
        {
            if (_journal.Ledger[row.Row].IsRecorded)
            {
                continue;
            }

            var entry = _journal.Ledger[row.Row];
            var work = new RowWork(row, _input.PartsOf(row)) { Attempts = entry.Attempts, Rounds = entry.Rounds };
            _open++;
            if (entry.Killed >= KillsPerRow)
            {
                await EndAsync(_lines.Fault(row, work.Parts.CustomId, entry.Attempts, RowFault.Unavailable));
            }
            else if (entry.NextAt > now)
            {
                _waiting.Enqueue(work, entry.NextAt);
            }
            else
            {
                await BeginRoundAsync(work);
            }
        }
    }

    private async ValueTask BeginRoundAsync(RowWork work)
    {
        var plan = await _routes.PlanAsync(work.Row.Bytes.Span, work.Parts, CancellationToken.None);
        if (plan.Ranked.IsEmpty)
        {
            await EndAsync(_lines.Fault(work.Row, work.Parts.CustomId, work.Attempts, RowFault.NoProvider));
            return;
        }

        work.Begin(plan);
        Enqueue(work);
    }

    private void Enqueue(RowWork work)
    {
        var provider = work.Offer.Provider.Id;
        if (!_lanes.TryGetValue(provider, out var lane))
        {
            lane = new(provider);
            _lanes.Add(provider, lane);
            _lanesInOrder.Add(lane);
        }

        lane.Ready.Enqueue(work);
    }

    private void PumpAll()
    {
        // A row that a lane passes on may open another lane meanwhile.
        for (var next = 0; next < _lanesInOrder.Count; next++)
        {
            Pump(_lanesInOrder[next]);
        }
    }

    private void Pump(ShardLane lane)
    {
        while (lane.Ready.Count > 0 && lane.InFlight < _callsAtOnce && !lane.IsClaiming && MayStart)
        {
            var claim = _services.Limiter.AcquireAsync(lane.Provider, new(_order.Workspace, _deadline), _claims.Token);
            if (!claim.IsCompletedSuccessfully)
            {
                lane.IsClaiming = true;
                Own(AwaitClaimAsync(lane, claim));
                return;
            }

            Granted(lane, claim.Result);
        }
    }

    private async Task AwaitClaimAsync(ShardLane lane, ValueTask<LimitGrant> claim)
    {
        try
        {
            var grant = await claim;
            lane.IsClaiming = false;
            if (grant.Granted && (lane.Ready.Count == 0 || !MayStart))
            {
                _services.Limiter.Release(lane.Provider, CallOutcome.Unused);
                return;
            }

            Granted(lane, grant);
            Pump(lane);
        }
        catch (OperationCanceledException) when (_claims.IsCancellationRequested)
        {
            lane.IsClaiming = false;
        }
        finally
        {
            WakeIfIdle();
        }
    }

    private void Granted(ShardLane lane, LimitGrant grant)
    {
        if (grant.Granted)
        {
            lane.InFlight++;
            _inFlight++;
            Own(CallAsync(lane, lane.Ready.Dequeue()));
            return;
        }

        for (var left = lane.Ready.Count; left > 0; left--)
        {
            PassOver(lane.Ready.Dequeue(), grant.BlockedUntil);
        }

        Wake();
    }

    // The provider is known to refuse for a while: no attempt. The next offer, or wait until the first is back.
    private void PassOver(RowWork work, DateTimeOffset until)
    {
        if (until < work.BlockedUntil)
        {
            work.BlockedUntil = until;
        }

        if (work.HasNextOffer)
        {
            work.OfferIndex++;
            Enqueue(work);
        }
        else if (work.Attempts == work.AttemptsBefore)
        {
            _waiting.Enqueue(work, work.BlockedUntil);
        }
        else
        {
            work.NoteAsked(work.BlockedUntil - _services.Time.GetUtcNow());
            Own(EndRoundAsync(work));
        }
    }

    private async Task CallAsync(ShardLane lane, RowWork work)
    {
        var offer = work.Offer;
        var outcome = CallOutcome.Unused;
        var scratch = _scratch.TryPop(out var pooled) ? pooled : new ArrayBufferWriter<byte>(1024);
        try
        {
            if (_oneByOne)
            {
                await _recorder.TryingAsync(work.Row.Row);
            }

            work.Attempts++;
            var body = RequestBody.ForUpstream(work.Row.Bytes, work.Parts, _routes.ModelToken(offer), scratch);
            var call = new UpstreamCall(offer, _order.Endpoint, body, RowIds.Of(_order.Batch, work.Row.Row), work.Attempts);
            var sending = _services.Upstreams.Find(offer.Provider).SendAsync(call, _calls.Token);
            FailPoint.Reach("K7");
            using var answer = await sending;
            outcome = OutcomeOf(answer);
            _services.Metrics.CallEnded(offer.Provider.Id, answer.Failure?.MetricLabel ?? "ok");
            await TakeAsync(work, offer, answer);
        }
        catch (OperationCanceledException) when (_calls.IsCancellationRequested)
        {
            _services.Metrics.AnswerDropped();
            if (_handingBack)
            {
                lane.Ready.Enqueue(work);
            }
        }
        finally
        {
            scratch.ResetWrittenCount();
            _scratch.Push(scratch);
            lane.InFlight--;
            _inFlight--;
            _services.Limiter.Release(lane.Provider, outcome);
        }

        Pump(lane);
        WakeIfIdle();
    }

    private static CallOutcome OutcomeOf(UpstreamAnswer answer)
    {
        var tokens = answer.Usage is { } usage ? usage.InputTokens + usage.OutputTokens : 0;
        return answer.Failure switch
        {
            null => new(CallResult.Ok, null, tokens),
            { Kind: FailureKind.RateLimited } limited => new(CallResult.Throttled, limited.RetryAfter, tokens),
            { Kind: FailureKind.Refused } => new(CallResult.Ok, null, tokens),
            var failure => new(CallResult.Failed, failure.RetryAfter, tokens),
        };
    }

    private ValueTask TakeAsync(RowWork work, Offer offer, UpstreamAnswer answer)
    {
        if (answer.Failure is not { } failure)
        {
            return EndAsync(_lines.Answer(work, offer, answer));
        }

        work.TimedOut = failure.Kind == FailureKind.TimedOut;
        if (failure.Kind is FailureKind.RateLimited or FailureKind.Overloaded && answer.StatusCode != 0)
        {
            var (result, line) = _lines.Answer(work, offer, answer);
            work.LastAnswer = (result, line.ToArray());
        }

        work.NoteAsked(failure.RetryAfter);
        switch (AttemptRules.After(failure, work.RetriedTruncated, work.HasNextOffer, work.Rounds, _services.Options.MaxRounds))
        {
            case RowStep.KeepAnswer:
                return EndAsync(_lines.Answer(work, offer, answer));
            case RowStep.EndInvalid:
                return EndAsync(_lines.Fault(work.Row, work.Parts.CustomId, work.Attempts, RowFault.Invalid));
            case RowStep.SameOffer:
                work.RetriedTruncated = true;
                Enqueue(work);
                return default;
            case RowStep.NextOffer:
                work.OfferIndex++;
                Enqueue(work);
                Pump(_lanes[work.Offer.Provider.Id]);
                return default;
            case RowStep.NextRound:
                return new(EndRoundAsync(work));
            default:
                return new(GiveUpAsync(work));
        }
    }

    private async Task EndRoundAsync(RowWork work)
    {
        work.Rounds++;
        if (work.Rounds >= _services.Options.MaxRounds)
        {
            await GiveUpAsync(work);
            return;
        }

        var wait = AttemptRules.Delay(_services.Options, work.Rounds, work.Asked, Random.Shared.NextDouble());
        var nextAt = _services.Time.GetUtcNow() + wait;
        await _recorder.AttemptAsync(AttemptOf(work, nextAt), work.LastAnswer?.Line ?? []);
        _waiting.Enqueue(work, nextAt);
        Wake();
    }

    // Calls of rounds that have not ended: an interruption costs no round, but no number is used twice.
    private async Task KeepAttemptsAsync()
    {
        var now = _services.Time.GetUtcNow();
        foreach (var work in _lanes.Values.SelectMany(lane => lane.Ready).ToList())
        {
            if (work.Attempts > _journal.Ledger[work.Row.Row].Attempts)
            {
                await _recorder.AttemptAsync(AttemptOf(work, now), work.LastAnswer?.Line ?? []);
            }
        }
    }

    private static RowAttempt AttemptOf(RowWork work, DateTimeOffset nextAt) =>
        new(work.Row.Row, work.Attempts, work.Rounds, nextAt, work.LastAnswer?.Result ?? RowResult.None);

    private async Task GiveUpAsync(RowWork work)
    {
        if ((work.LastAnswer ?? await EarlierAnswerAsync(work)) is { } last)
        {
            await EndAsync((last.Result with { Row = work.Row.Row, Attempts = work.Attempts }, last.Line));
            return;
        }

        var fault = work.TimedOut ? RowFault.TimedOut : RowFault.Unavailable;
        await EndAsync(_lines.Fault(work.Row, work.Parts.CustomId, work.Attempts, fault));
    }

    // An answer of an earlier round is in the journal, not in memory: a shard may wait for hours.
    private async Task<(RowResult Result, byte[] Line)?> EarlierAnswerAsync(RowWork work)
    {
        var entry = _journal.Ledger[work.Row.Row];
        if (entry.Line.Length == 0)
        {
            return null;
        }

        var lines = new JournalLines(_services.Journals, _services.Blobs, _order.Journal);
        var line = await StorageRetry.UntilAnsweredAsync(
            _services.Time, token => lines.ReadAsync(entry.Line, token), CancellationToken.None);
        return (entry.Result, line);
    }

    private async ValueTask EndAsync((RowResult Result, ReadOnlyMemory<byte> Line) row)
    {
        await _recorder.ResultAsync(row.Result, row.Line);
        _services.Metrics.RowEnded(row.Result.File == ResultFile.Output ? "ok" : row.Result.ErrorCode is "" ? "refused" : row.Result.ErrorCode);
        if (--_open == 0)
        {
            Wake();
        }
    }

    private DateTimeOffset? ParksUntil()
    {
        var idle = _inFlight == 0 && _waiting.Count > 0 && _lanes.Values.All(lane => lane.Ready.Count == 0 && !lane.IsClaiming);
        if (!idle || !_waiting.TryPeek(out _, out var first))
        {
            return null;
        }

        return first - _services.Time.GetUtcNow() > ParkFrom ? first : null;
    }

    private async Task WaitAsync()
    {
        if (_inFlight == 0)
        {
            // Nobody will add to this flush soon.
            await _recorder.FlushAsync();
        }

        var timeout = _recorder.DueIn;
        if (_waiting.TryPeek(out _, out var first))
        {
            var until = first - _services.Time.GetUtcNow();
            timeout = timeout is { } due && due < until ? due : until;
        }

        if (!_wake.Task.IsCompleted)
        {
            await WakeOrAsync(timeout);
        }

        _wake = NewWake();
        if (_recorder.DueIn <= TimeSpan.Zero)
        {
            Own(_recorder.FlushAsync());
        }

        await WakeDueRowsAsync();
    }

    private async Task WakeOrAsync(TimeSpan? timeout)
    {
        if (timeout is not { } limit)
        {
            await _wake.Task;
        }
        else if (limit > TimeSpan.Zero)
        {
            using var stop = new CancellationTokenSource();
            await Task.WhenAny(_wake.Task, Task.Delay(limit, _services.Time, stop.Token));
            await stop.CancelAsync();
        }
    }

    private async Task WakeDueRowsAsync()
    {
        var now = _services.Time.GetUtcNow();
        while (_waiting.TryPeek(out var work, out var at) && at <= now)
        {
            _waiting.Dequeue();
            await BeginRoundAsync(work);
        }
    }

    private void OnFlushed()
    {
        _services.Metrics.Appended();
        TellProgress();
        PumpAll();
    }

    private void TellProgress()
    {
        if (_services.Time.GetElapsedTime(_progressAt) >= _services.Options.ProgressInterval)
        {
            _progressAt = _services.Time.GetTimestamp();
            Progressed?.Invoke(_journal.Ledger.Tally);
        }
    }

    // A task of ours that fails ends the run; it is never left unobserved.
    private async void Own(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception e)
        {
            _fault ??= e;
            Wake();
        }
    }

    private void Throw()
    {
        if (_fault is not null)
        {
            throw new InvalidOperationException($"Shard {_order.Shard} of {_order.Batch} failed.", _fault);
        }
    }

    private void Wake() => _wake.TrySetResult();

    // While calls run there is nothing to decide: a turn of the loop for each row would cost more than the row.
    private void WakeIfIdle()
    {
        if (_inFlight == 0)
        {
            Wake();
        }
    }

    private static TaskCompletionSource NewWake() => new(TaskCreationOptions.RunContinuationsAsynchronously);
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
