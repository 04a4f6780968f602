using Microsoft.Extensions.ObjectPool;
using Microsoft.Extensions.Time.Testing;
using Phaseo.Orleans.Providers;

namespace Phaseo.Orleans.Tests.Providers;

public sealed class CallClockTests
{
    private static readonly TimeSpan Total = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(2);

    private readonly FakeTimeProvider _time = new();
    private readonly ObjectPool<CallClock> _pool;

    public CallClockTests() => _pool = CallClock.CreatePool(_time);

    [Fact]
    public void Silence_ends_the_call_after_the_idle_limit()
    {
        var clock = Start(CancellationToken.None);

        _time.Advance(Idle - TimeSpan.FromMilliseconds(1));
        Assert.False(clock.Token.IsCancellationRequested);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.True(clock.Token.IsCancellationRequested);
        Assert.True(clock.HasTimedOut);
    }

    [Fact]
    public void Every_byte_starts_the_idle_limit_again()
    {
        var clock = Start(CancellationToken.None);

        for (var i = 0; i < 4; i++)
        {
            _time.Advance(Idle - TimeSpan.FromSeconds(1));
            clock.Heard();
        }

        Assert.False(clock.Token.IsCancellationRequested);
        _time.Advance(Idle + TimeSpan.FromMilliseconds(1));
        Assert.True(clock.HasTimedOut);
    }

    [Fact]
    public void A_slow_trickle_ends_with_the_total_limit()
    {
        var clock = Start(CancellationToken.None);

        for (var passed = TimeSpan.Zero; passed + TimeSpan.FromSeconds(10) < Total; passed += TimeSpan.FromSeconds(10))
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            clock.Heard();
        }

        Assert.False(clock.Token.IsCancellationRequested);
        _time.Advance(TimeSpan.FromSeconds(11));
        Assert.True(clock.HasTimedOut);
    }

    [Fact]
    public async Task The_caller_s_cancellation_is_no_time_out()
    {
        using var caller = new CancellationTokenSource();
        var clock = Start(caller.Token);

        await caller.CancelAsync();

        Assert.True(clock.Token.IsCancellationRequested);
        Assert.False(clock.HasTimedOut);
    }

    [Fact]
    public async Task A_clock_that_did_not_fire_serves_the_next_call_and_forgets_the_last_one()
    {
        using var caller = new CancellationTokenSource();
        var first = Start(caller.Token);
        _time.Advance(Idle - TimeSpan.FromSeconds(1));
        _pool.Return(first);

        var second = Start(CancellationToken.None);
        await caller.CancelAsync();
        _time.Advance(Idle - TimeSpan.FromSeconds(1));

        Assert.Same(first, second);
        Assert.False(second.Token.IsCancellationRequested);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(second.HasTimedOut);
    }

    [Fact]
    public void A_call_with_a_shorter_limit_than_the_last_one_ends_in_its_own_time()
    {
        var first = Start(CancellationToken.None);
        _pool.Return(first);
        var second = _pool.Get();
        second.Start(TimeSpan.FromSeconds(5), Idle, CancellationToken.None);

        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.Same(first, second);
        Assert.True(second.HasTimedOut);
    }

    [Fact]
    public void A_clock_that_has_rested_for_long_still_ends_its_next_call()
    {
        var first = Start(CancellationToken.None);
        _pool.Return(first);
        _time.Advance(TimeSpan.FromDays(1));
        var second = Start(CancellationToken.None);

        _time.Advance(Idle - TimeSpan.FromSeconds(1));
        Assert.False(second.Token.IsCancellationRequested);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.True(second.HasTimedOut);
    }

    [Fact]
    public void A_clock_that_fired_is_not_used_again()
    {
        var first = Start(CancellationToken.None);
        _time.Advance(Idle);
        _pool.Return(first);

        var second = Start(CancellationToken.None);

        Assert.NotSame(first, second);
        Assert.False(second.Token.IsCancellationRequested);
    }

    [Fact]
    public void A_clock_at_rest_never_fires()
    {
        var clock = Start(CancellationToken.None);
        _pool.Return(clock);

        _time.Advance(TimeSpan.FromDays(1));

        Assert.False(clock.Token.IsCancellationRequested);
    }

    private CallClock Start(CancellationToken caller)
    {
        var clock = _pool.Get();
        clock.Start(Total, Idle, caller);
        return clock;
    }
}
