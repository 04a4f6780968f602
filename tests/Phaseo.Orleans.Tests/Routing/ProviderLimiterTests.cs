using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans.Tests.Routing;

public sealed class ProviderLimiterTests : LimiterTest
{
    [Fact]
    public async Task Places_are_given_up_to_the_lease_and_then_as_they_come_back()
    {
        Lend("p", 2);
        Assert.True(Ask("p").IsCompletedSuccessfully);
        Assert.True(Ask("p").IsCompletedSuccessfully);

        var third = Ask("p");
        Assert.False(third.IsCompleted);
        Limiter.Release("p", Ok);

        Assert.Equal(LimitGrant.Place, await third);
    }

    [Fact]
    public void The_silos_own_cap_holds_over_all_providers()
    {
        Lend("p", 100);
        Lend("q", 100);
        var asked = Enumerable.Range(0, 10).Select(i => Ask(i % 2 == 0 ? "p" : "q")).ToArray();

        Assert.Equal(8, asked.Count(grant => grant.IsCompletedSuccessfully));
    }

    [Fact]
    public async Task A_place_freed_at_one_provider_serves_who_waits_for_another_under_the_cap()
    {
        Lend("p", 100);
        Lend("q", 100);
        for (var i = 0; i < 8; i++)
        {
            Assert.True(Ask("p").IsCompletedSuccessfully);
        }

        var other = Ask("q");
        Limiter.Release("p", Ok);

        Assert.Equal(LimitGrant.Place, await other);
    }

    [Fact]
    public async Task Without_a_lease_claims_wait_for_one()
    {
        var early = Ask("p");
        Assert.False(early.IsCompleted);

        Lend("p", 1);

        Assert.Equal(LimitGrant.Place, await early);
    }

    [Fact]
    public void Nothing_is_sent_in_the_last_second_of_a_lease()
    {
        Lend("p", 5);

        Clock.Advance(TimeSpan.FromSeconds(9) - TimeSpan.FromMilliseconds(1));
        Assert.True(Ask("p").IsCompletedSuccessfully);
        Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(Ask("p").IsCompleted);
    }

    [Fact]
    public void A_lease_counts_from_when_it_was_claimed_not_from_when_it_came()
    {
        var claimedAt = Clock.GetTimestamp();
        Clock.Advance(TimeSpan.FromSeconds(9));
        Limiter.Apply(Limiter.GateOf("p"), Lease(5), claimedAt);

        Assert.False(Ask("p").IsCompleted);
    }

    [Fact]
    public async Task A_smaller_lease_lets_running_calls_end_and_starts_none_until_they_have()
    {
        Lend("p", 3);
        for (var i = 0; i < 3; i++)
        {
            Assert.True(Ask("p").IsCompletedSuccessfully);
        }

        Lend("p", 1);
        var next = Ask("p");
        Limiter.Release("p", Ok);
        Limiter.Release("p", Ok);
        Assert.False(next.IsCompleted);
        Limiter.Release("p", Ok);

        Assert.Equal(LimitGrant.Place, await next);
    }

    [Fact]
    public async Task A_cancelled_claim_leaves_the_queue_and_takes_no_place()
    {
        Lend("p", 1);
        Assert.True(Ask("p").IsCompletedSuccessfully);
        using var cancellation = new CancellationTokenSource();
        var cancelled = Limiter.AcquireAsync("p", Claim("w"), cancellation.Token).AsTask();
        var next = Ask("p");

        await cancellation.CancelAsync();
        Limiter.Release("p", Ok);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.Equal(LimitGrant.Place, await next);
    }

    [Fact]
    public void A_place_given_back_twice_is_an_error()
    {
        Lend("p", 1);
        Assert.True(Ask("p").IsCompletedSuccessfully);
        Limiter.Release("p", Ok);

        Assert.Throws<InvalidOperationException>(() => Limiter.Release("p", Ok));
    }

    [Fact]
    public void A_claim_that_begins_to_wait_nudges_the_lender_once()
    {
        var gate = Limiter.GateOf("p");
        Lend("p", 1);
        Assert.True(Ask("p").IsCompletedSuccessfully);
        Assert.False(gate.Nudged.IsCompleted);

        _ = Ask("p");
        Assert.True(gate.Nudged.IsCompleted);
        gate.Rearm();
        var claim = Limiter.Claim(gate, LeaseBookTests.Silo(1));
        _ = Ask("p");

        Assert.Equal((1, 1, 1, 8), (claim.Held, claim.Running, claim.Waiting, claim.Cap));
        Assert.False(gate.Nudged.IsCompleted);
    }

    [Fact]
    public void A_provider_that_nobody_needs_for_a_while_gets_its_places_back()
    {
        var gate = Limiter.GateOf("p");
        Assert.Equal(0, Limiter.Claim(gate, LeaseBookTests.Silo(1)).Cap);
        Lend("p", 1);
        Assert.True(Ask("p").IsCompletedSuccessfully);
        Clock.Advance(LeaseTimes.Idle);
        Assert.Equal(8, Limiter.Claim(gate, LeaseBookTests.Silo(1)).Cap);

        Limiter.Release("p", Ok);

        Assert.Equal(0, Limiter.Claim(gate, LeaseBookTests.Silo(1)).Cap);
    }

    [Fact]
    public void A_free_place_costs_no_allocation()
    {
        Lend("p", 4);
        for (var i = 0; i < 100; i++)
        {
            AskAndRelease();
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            AskAndRelease();
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private void AskAndRelease()
    {
        if (IsThere(Limiter.AcquireAsync("p", Claim("w"), CancellationToken.None)))
        {
            Limiter.Release("p", Ok);
        }
    }

    private static bool IsThere(ValueTask<LimitGrant> grant) => grant.IsCompletedSuccessfully;
}
