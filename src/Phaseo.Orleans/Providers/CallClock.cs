using Microsoft.Extensions.ObjectPool;

namespace Phaseo.Orleans.Providers;

/// <summary>
/// One call's time: a token that fires when the caller gives up, when the call took too long in all, or when nothing
/// came for too long. It is pooled, with one timer; a byte that arrives only notes the time, and a call that ends leaves
/// the timer as it is: when it comes it looks at the call of that moment, and most calls never touch it.
/// </summary>
internal sealed class CallClock : IDisposable
{
    private const int Stopped = 0;
    private const int TimedOut = -1;
    private const int Abandoned = -2;

    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly CancellationTokenSource _source = new();
    private readonly Lock _gate = new();
    private CancellationTokenRegistration _caller;
    private TimeSpan _total;
    private TimeSpan _idle;
    private long _startedAt;
    private long _heardAt;
    private int _lastCall;

    // When the timer comes; null: not before it is set again. Guarded by _gate.
    private long? _comesAt;

    // The number of the running call (from 1), or one of the words above. A timer that comes late finds another
    // number than the one it looked at and leaves the next call alone.
    private int _call;

    private CallClock(TimeProvider time)
    {
        _time = time;

        // A pooled timer must not keep the first caller's context (request context, activity) alive.
        using (ExecutionContext.SuppressFlow())
        {
            _timer = time.CreateTimer(
                static clock => ((CallClock)clock!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Fires when the call must end.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Whether a limit ran out (and not the caller's patience).</summary>
    public bool HasTimedOut => Volatile.Read(ref _call) == TimedOut;

    /// <summary>A pool of clocks over one source of time.</summary>
    public static ObjectPool<CallClock> CreatePool(TimeProvider time) =>
        new DefaultObjectPool<CallClock>(new Policy(time), 1024);

    /// <summary>Starts the limits of one call.</summary>
    public void Start(TimeSpan total, TimeSpan idle, CancellationToken caller)
    {
        _total = total;
        _idle = idle;
        _startedAt = _time.GetTimestamp();
        Volatile.Write(ref _heardAt, _startedAt);
        _lastCall = _lastCall == int.MaxValue ? 1 : _lastCall + 1;
        Volatile.Write(ref _call, _lastCall);
        ComeWithin(total < idle ? total : idle, _startedAt);
        _caller = caller.UnsafeRegister(static clock => ((CallClock)clock!).Abandon(), this);
    }

    /// <summary>Something came: the idle limit starts again.</summary>
    public void Heard() => Volatile.Write(ref _heardAt, _time.GetTimestamp());

    /// <summary>Ends the call's limits. False: the token has fired, and the clock cannot be used again.</summary>
    public bool Stop()
    {
        _caller.Dispose();
        var call = Volatile.Read(ref _call);
        if (call <= 0 || Interlocked.CompareExchange(ref _call, Stopped, call) != call)
        {
            return false;
        }

        return _source.TryReset();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The source may still be running its callbacks on another thread; without a timer it holds nothing to free.
        _timer.Dispose();
    }

    private void ComeWithin(TimeSpan time, long now)
    {
        lock (_gate)
        {
            var at = now + (long)(time.TotalSeconds * _time.TimestampFrequency);
            if (_comesAt is null || at < _comesAt)
            {
                _comesAt = at;
                _timer.Change(time, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private void Look()
    {
        lock (_gate)
        {
            _comesAt = null;
        }

        var call = Volatile.Read(ref _call);
        if (call <= 0)
        {
            return;
        }

        var now = _time.GetTimestamp();
        var total = _total - _time.GetElapsedTime(_startedAt, now);
        var idle = _idle - _time.GetElapsedTime(Volatile.Read(ref _heardAt), now);
        var left = total < idle ? total : idle;
        if (left > TimeSpan.Zero)
        {
            // Timers count whole milliseconds: rounded down they would come early, again and again.
            ComeWithin(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)), now);
        }
        else if (Interlocked.CompareExchange(ref _call, TimedOut, call) == call)
        {
            _source.Cancel();
        }
    }

    private void Abandon()
    {
        var call = Volatile.Read(ref _call);
        if (call > 0 && Interlocked.CompareExchange(ref _call, Abandoned, call) == call)
        {
            _source.Cancel();
        }
    }

    private sealed class Policy(TimeProvider time) : IPooledObjectPolicy<CallClock>
    {
        public CallClock Create() => new(time);

        public bool Return(CallClock clock)
        {
            // DefaultObjectPool disposes of what it does not take back only if it is a disposable pool: do it here.
            if (clock.Stop())
            {
                return true;
            }

            clock.Dispose();
            return false;
        }
    }
}
