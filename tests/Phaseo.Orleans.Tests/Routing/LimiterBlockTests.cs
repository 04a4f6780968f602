using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans.Tests.Routing;

public sealed class LimiterBlockTests : LimiterTest
{
    [Fact]
    public async Task A_long_block_answers_at_once_also_those_who_wait()
    {
        Lend("p", 2);
        Assert.True(Ask("p").IsCompletedSuccessfully);
        Assert.True(Ask("p").IsCompletedSuccessfully);
        var waiting = Ask("p");

        Limiter.Release("p", new CallOutcome(CallResult.Throttled, TimeSpan.FromMinutes(10), 0));

        var until = Clock.GetUtcNow() + TimeSpan.FromMinutes(10);
        Assert.Equal(LimitGrant.Blocked(until), await waiting);
        Assert.Equal(LimitGrant.Blocked(until), await Ask("p"));
        Lend("q", 1);
        Assert.Equal(LimitGrant.Place, await Ask("q"));
    }

    [Fact]
    public async Task A_short_block_is_waited_out()
    {
        Lend("p", 2);
        Assert.True(Ask("p").IsCompletedSuccessfully);
        Limiter.Release("p", new CallOutcome(CallResult.Throttled, TimeSpan.FromSeconds(2), 0));
        var waiting = Ask("p");

        Clock.Advance(TimeSpan.FromSeconds(1.9));
        Assert.False(waiting.IsCompleted);
        Clock.Advance(TimeSpan.FromSeconds(0.2));

        Assert.Equal(LimitGrant.Place, await waiting);
    }

    [Fact]
    public async Task A_shorter_advice_never_ends_a_longer_one()
    {
        Lend("p", 2);
        Assert.True(Ask("p").IsCompletedSuccessfully);
        Assert.True(Ask("p").IsCompletedSuccessfully);
        Limiter.Release("p", new CallOutcome(CallResult.Throttled, TimeSpan.FromMinutes(10), 0));
        Limiter.Release("p", new CallOutcome(CallResult.Failed, TimeSpan.FromSeconds(1), 0));

        Assert.Equal(LimitGrant.Blocked(Clock.GetUtcNow() + TimeSpan.FromMinutes(10)), await Ask("p"));
    }

    [Fact]
    public async Task Another_silos_block_comes_with_the_lease()
    {
        Limiter.Apply(Limiter.GateOf("p"), Lease(5) with { BlockedFor = TimeSpan.FromMinutes(1) }, Clock.GetTimestamp());

        Assert.Equal(LimitGrant.Blocked(Clock.GetUtcNow() + TimeSpan.FromMinutes(1)), await Ask("p"));
    }
}
