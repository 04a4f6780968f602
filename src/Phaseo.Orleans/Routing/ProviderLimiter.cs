using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Options;
using Phaseo.Orleans.Batches;

namespace Phaseo.Orleans.Routing;

/// <summary>
/// Hands out the places of this silo. One lock guards all of it: what it protects is a few additions, and one lock is
/// what makes "never above the lease, never above the cap" easy to see. A free place costs no allocation.
/// </summary>
internal sealed class ProviderLimiter : IProviderLimiter, IDisposable
{
    /// <summary>Up to here a claim waits for a provider's block to end; above, it is told to come back.</summary>
    internal static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, ProviderGate> _gates = new(StringComparer.OrdinalIgnoreCase);
    private readonly Channel<ProviderGate> _opened = Channel.CreateUnbounded<ProviderGate>();
    private readonly TurnOrder _turns = new();
    private readonly TimeProvider _clock;
    private readonly ITimer _wake;
    private readonly int _cap;
    private int _inUse;

    public ProviderLimiter(IOptions<BatchOptions> options, TimeProvider clock)
    {
        _cap = options.Value.MaxConcurrentCalls;
        _clock = clock;
        _wake = clock.CreateTimer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Gates that nobody keeps a lease for yet.</summary>
    internal ChannelReader<ProviderGate> Opened => _opened.Reader;

    public ValueTask<LimitGrant> AcquireAsync(string provider, LimitClaim claim, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<LimitGrant>(cancellation);
        }

        var gate = GateOf(provider);
        Waiter waiter;
        lock (_lock)
        {
            var now = _clock.GetTimestamp();
            gate.LastClaim = now;
            if (IsBlockedLong(gate, now, out var blocked))
            {
                return new ValueTask<LimitGrant>(blocked);
            }

            // With nobody waiting here nobody is overtaken: whoever waits elsewhere waits for another provider.
            if (gate.Waiting == 0 && _inUse < _cap && gate.HasPlace(now))
            {
                Take(gate);
                return new ValueTask<LimitGrant>(LimitGrant.Place);
            }

            waiter = _turns.Enqueue(gate, claim);
            gate.NudgeIfNews();
            WakeWhenUnblocked(now);
        }

        return WaitAsync(waiter, cancellation);
    }

    // Without the lock: a lease that is just being renewed is still good.
    public bool MaySend(string provider) => _clock.GetTimestamp() < GateOf(provider).LeaseEnds;

    public void Release(string provider, CallOutcome outcome)
    {
        var gate = GateOf(provider);
        lock (_lock)
        {
            if (gate.InUse == 0)
            {
                throw new InvalidOperationException($"A place at provider {provider} was given back twice.");
            }

            gate.InUse--;
            _inUse--;
            var now = _clock.GetTimestamp();
            if (outcome.RetryAfter is { } wait && wait > TimeSpan.Zero)
            {
                Block(gate, now, wait);
            }

            Serve(now);
        }
    }

    /// <summary>The provider's gate, opened when it is asked for first.</summary>
    internal ProviderGate GateOf(string provider)
    {
        if (_gates.TryGetValue(provider, out var gate))
        {
            return gate;
        }

        var made = new ProviderGate(provider);
        gate = _gates.GetOrAdd(provider, made);
        if (ReferenceEquals(gate, made))
        {
            _opened.Writer.TryWrite(gate);
        }

        return gate;
    }

    /// <summary>Has every lender hear from this silo now.</summary>
    internal void NudgeAll()
    {
        lock (_lock)
        {
            foreach (var gate in _gates.Values)
            {
                gate.Nudge();
            }
        }
    }

    /// <summary>How the places of this silo are used now.</summary>
    internal IReadOnlyList<ProviderUse> Uses()
    {
        lock (_lock)
        {
            var now = _clock.GetTimestamp();
            return [.. _gates.Values.Select(gate => new ProviderUse(gate.Provider, gate.PlacesAt(now), gate.InUse, gate.Waiting))];
        }
    }

    /// <summary>What the lender is told at a renewal that is sent now.</summary>
    internal LeaseClaim Claim(ProviderGate gate, SiloAddress silo, bool wantsPlaces = true)
    {
        lock (_lock)
        {
            var now = _clock.GetTimestamp();
            gate.ToldWaiting = gate.Waiting;
            return new LeaseClaim
            {
                Silo = silo,
                Round = ++gate.Round,
                Held = gate.PlacesAt(now),
                Running = gate.InUse,
                Waiting = gate.Waiting,
                Lender = gate.Lender,
                Cap = !wantsPlaces || IsIdle(gate, now) ? 0 : _cap,
                BlockedFor = gate.BlockedUntil > now ? _clock.GetElapsedTime(now, gate.BlockedUntil) : TimeSpan.Zero,
            };
        }
    }

    /// <summary>
    /// Takes a lease. It counts from the moment before its claim was sent, and ends a margin early, so that whatever
    /// the two clocks do in between, nothing is sent when the lender no longer counts on it.
    /// </summary>
    internal void Apply(ProviderGate gate, ProviderLease lease, long claimedAt)
    {
        lock (_lock)
        {
            gate.Lender = lease.Lender;
            gate.Places = lease.Places;
            gate.LeaseEnds = claimedAt + Ticks(lease.Duration - LeaseTimes.Margin);
            var now = _clock.GetTimestamp();
            if (lease.BlockedFor > TimeSpan.Zero)
            {
                Block(gate, now, lease.BlockedFor);
            }

            Serve(now);
        }
    }

    public void Dispose() => _wake.Dispose();

    private async ValueTask<LimitGrant> WaitAsync(Waiter waiter, CancellationToken cancellation)
    {
        await using var registration = cancellation.UnsafeRegister(
            static (state, token) =>
            {
                var (limiter, waiter) = ((ProviderLimiter, Waiter))state!;
                limiter.GiveUp(waiter, token);
            },
            (this, waiter)).ConfigureAwait(false);
        return await waiter.Task.ConfigureAwait(false);
    }

    private void GiveUp(Waiter waiter, CancellationToken cancellation)
    {
        lock (_lock)
        {
            // A waiter that was served meanwhile keeps its place: its owner gives it back.
            if (_turns.Remove(waiter))
            {
                waiter.TrySetCanceled(cancellation);
            }
        }
    }

    private void Wake()
    {
        lock (_lock)
        {
            Serve(_clock.GetTimestamp());
        }
    }

    private void Serve(long now)
    {
        while (_inUse < _cap && _turns.TryDequeue(now) is { } waiter)
        {
            Take(waiter.Gate);
            waiter.TrySetResult(LimitGrant.Place);
        }

        WakeWhenUnblocked(now);
    }

    private void Take(ProviderGate gate)
    {
        gate.InUse++;
        _inUse++;
    }

    private void Block(ProviderGate gate, long now, TimeSpan wait)
    {
        gate.BlockedUntil = Math.Max(gate.BlockedUntil, now + Ticks(wait));
        if (IsBlockedLong(gate, now, out var blocked))
        {
            foreach (var waiter in _turns.RemoveAll(gate))
            {
                waiter.TrySetResult(blocked);
            }
        }
    }

    private bool IsIdle(ProviderGate gate, long now) =>
        gate.InUse == 0 && gate.Waiting == 0
        && (gate.LastClaim is not { } last || _clock.GetElapsedTime(last, now) >= LeaseTimes.Idle);

    private bool IsBlockedLong(ProviderGate gate, long now, out LimitGrant blocked)
    {
        blocked = default;
        if (gate.BlockedUntil <= now)
        {
            return false;
        }

        var left = _clock.GetElapsedTime(now, gate.BlockedUntil);
        blocked = LimitGrant.Blocked(_clock.GetUtcNow() + left);
        return left > LongestWait;
    }

    private void WakeWhenUnblocked(long now)
    {
        if (_turns.NextUnblocked(now) is { } at)
        {
            // A timer may fire a little early; a millisecond more never makes a waiter wait for a second round.
            _wake.Change(_clock.GetElapsedTime(now, at) + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
        }
    }

    private long Ticks(TimeSpan time) => (long)(time.TotalSeconds * _clock.TimestampFrequency);
}
