using CsCheck;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans.Tests.Routing;

public sealed class ProviderLimiterTests : IDisposable
{
    private static readonly CallOutcome Ok = new(CallResult.Ok, null, 0);

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly ProviderLimiter _limiter;

    public ProviderLimiterTests() => _limiter = Limiter(cap: 8);

    public void Dispose() => _limiter.Dispose();

    [Fact]
    public async Task Places_are_given_up_to_the_lease_and_then_as_they_come_back()
    {
        Lend("p", 2);
        Assert.True(Ask("p").IsCompletedSuccessfully);
        Assert.True(Ask("p").IsCompletedSuccessfully);

        var third = Ask("p");
        Assert.False(third.IsCompleted);
        _limiter.Release("p", Ok);

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
        _limiter.Release("p", Ok);

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

        _clock.Advance(TimeSpan.FromSeconds(9) - TimeSpan.FromMilliseconds(1));
        Assert.True(Ask("p").IsCompletedSuccessfully);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(Ask("p").IsCompleted);
    }

    [Fact]
    public void A_lease_counts_from_when_it_was_claimed_not_from_when_it_came()
    {
        var claimedAt = _clock.GetTimestamp();
        _clock.Advance(TimeSpan.FromSeconds(9));
        _limiter.Apply(_limiter.GateOf("p"), Lease(5), claimedAt);

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
        _limiter.Release("p", Ok);
        _limiter.Release("p", Ok);
        Assert.False(next.IsCompleted);
        _limiter.Release("p", Ok);

        Assert.Equal(LimitGrant.Place, await next);
    }

    [Fact]
    public async Task Workspaces_take_turns_however_many_claims_one_has()
    {
        Lend("p", 1);
        Assert.True(Ask("p").IsCompletedSuccessfully);
        var order = new List<string>();
        var served = "big big big big small small tiny".Split(' ').Select(workspace => Note(order, workspace)).ToArray();

        foreach (var _ in served)
        {
            var before = order.Count;
            _limiter.Release("p", Ok);
            await UntilAsync(() => order.Count > before);
        }

        Assert.Equal("big small tiny big small big big", string.Join(' ', order));
    }

    [Fact]
    public async Task Turns_are_taken_over_all_providers_of_the_silo()
    {
        using var limiter = Limiter(cap: 1);
        Lend("p", 5, limiter);
        Lend("q", 5, limiter);
        Assert.True(Ask("p", limiter: limiter).IsCompletedSuccessfully);
        var order = new List<string>();
        var served = new[] { ("p", "wide"), ("q", "wide"), ("p", "wide"), ("q", "wide"), ("p", "narrow"), ("p", "narrow") }
            .Select(claim => Note(order, claim.Item2, claim.Item1, limiter: limiter)).ToArray();

        var held = "p";
        foreach (var _ in served)
        {
            var before = order.Count;
            limiter.Release(held, Ok);
            await UntilAsync(() => order.Count > before);
            held = _last;
        }

        Assert.Equal("wide narrow wide narrow wide wide", string.Join(' ', order));
    }

    [Fact]
    public async Task Within_a_workspace_the_earliest_deadline_is_first()
    {
        Lend("p", 1);
        Assert.True(Ask("p").IsCompletedSuccessfully);
        var order = new List<string>();
        var served = "3121".Select((hours, i) => Note(order, "w", "p", $"{hours}.{i}", hours - '0')).ToArray();

        foreach (var _ in served)
        {
            var before = order.Count;
            _limiter.Release("p", Ok);
            await UntilAsync(() => order.Count > before);
        }

        Assert.Equal("1.1 1.3 2.2 3.0", string.Join(' ', order));
    }

    [Fact]
    public async Task A_long_block_answers_at_once_also_those_who_wait()
    {
        Lend("p", 2);
        Assert.True(Ask("p").IsCompletedSuccessfully);
        Assert.True(Ask("p").IsCompletedSuccessfully);
        var waiting = Ask("p");

        _limiter.Release("p", new CallOutcome(CallResult.Throttled, TimeSpan.FromMinutes(10), 0));

        var until = _clock.GetUtcNow() + TimeSpan.FromMinutes(10);
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
        _limiter.Release("p", new CallOutcome(CallResult.Throttled, TimeSpan.FromSeconds(2), 0));
        var waiting = Ask("p");

        _clock.Advance(TimeSpan.FromSeconds(1.9));
        Assert.False(waiting.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(0.2));

        Assert.Equal(LimitGrant.Place, await waiting);
    }

    [Fact]
    public async Task A_shorter_advice_never_ends_a_longer_one()
    {
        Lend("p", 2);
        Assert.True(Ask("p").IsCompletedSuccessfully);
        Assert.True(Ask("p").IsCompletedSuccessfully);
        _limiter.Release("p", new CallOutcome(CallResult.Throttled, TimeSpan.FromMinutes(10), 0));
        _limiter.Release("p", new CallOutcome(CallResult.Failed, TimeSpan.FromSeconds(1), 0));

        Assert.Equal(LimitGrant.Blocked(_clock.GetUtcNow() + TimeSpan.FromMinutes(10)), await Ask("p"));
    }

    [Fact]
    public async Task Another_silos_block_comes_with_the_lease()
    {
        _limiter.Apply(_limiter.GateOf("p"), Lease(5) with { BlockedFor = TimeSpan.FromMinutes(1) }, _clock.GetTimestamp());

        Assert.Equal(LimitGrant.Blocked(_clock.GetUtcNow() + TimeSpan.FromMinutes(1)), await Ask("p"));
    }

    [Fact]
    public async Task A_cancelled_claim_leaves_the_queue_and_takes_no_place()
    {
        Lend("p", 1);
        Assert.True(Ask("p").IsCompletedSuccessfully);
        using var cancellation = new CancellationTokenSource();
        var cancelled = _limiter.AcquireAsync("p", Claim("w"), cancellation.Token).AsTask();
        var next = Ask("p");

        await cancellation.CancelAsync();
        _limiter.Release("p", Ok);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.Equal(LimitGrant.Place, await next);
    }

    [Fact]
    public void A_place_given_back_twice_is_an_error()
    {
        Lend("p", 1);
        Assert.True(Ask("p").IsCompletedSuccessfully);
        _limiter.Release("p", Ok);

        Assert.Throws<InvalidOperationException>(() => _limiter.Release("p", Ok));
    }

    [Fact]
    public void A_claim_that_begins_to_wait_nudges_the_lender_once()
    {
        var gate = _limiter.GateOf("p");
        Lend("p", 1);
        Assert.True(Ask("p").IsCompletedSuccessfully);
        Assert.False(gate.Nudged.IsCompleted);

        _ = Ask("p");
        Assert.True(gate.Nudged.IsCompleted);
        gate.Rearm();
        var claim = _limiter.Claim(gate, LeaseBookTests.Silo(1));
        _ = Ask("p");

        Assert.Equal((1, 1, 1, 8), (claim.Held, claim.Running, claim.Waiting, claim.Cap));
        Assert.False(gate.Nudged.IsCompleted);
    }

    [Fact]
    public void A_provider_that_nobody_needs_for_a_while_gets_its_places_back()
    {
        var gate = _limiter.GateOf("p");
        Assert.Equal(0, _limiter.Claim(gate, LeaseBookTests.Silo(1)).Cap);
        Lend("p", 1);
        Assert.True(Ask("p").IsCompletedSuccessfully);
        _clock.Advance(LeaseTimes.Idle);
        Assert.Equal(8, _limiter.Claim(gate, LeaseBookTests.Silo(1)).Cap);

        _limiter.Release("p", Ok);

        Assert.Equal(0, _limiter.Claim(gate, LeaseBookTests.Silo(1)).Cap);
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

    [Fact]
    public void Whatever_happens_no_more_run_than_lease_and_cap_allow_and_nobody_waits_beside_a_free_place()
    {
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 2], Gen.Int[0, 4]).Array[0, 200].Sample(steps =>
        {
            using var limiter = Limiter(cap: 5);
            var places = new int[3];
            var inUse = new int[3];
            var asked = new List<(int Provider, Task<LimitGrant> Task, CancellationTokenSource Cancel)>();
            foreach (var (kind, provider, amount) in steps)
            {
                var id = $"p{provider}";
                switch (kind)
                {
                    case < 5:
                        var cancel = new CancellationTokenSource();
                        asked.Add((provider, limiter.AcquireAsync(id, Claim($"w{amount}"), cancel.Token).AsTask(), cancel));
                        break;
                    case < 7 when inUse[provider] > 0:
                        limiter.Release(id, Ok);
                        inUse[provider]--;
                        break;
                    case 7:
                        places[provider] = amount;
                        limiter.Apply(limiter.GateOf(id), Lease(amount), _clock.GetTimestamp());
                        break;
                    case 8 when asked.Count > 0:
                        asked[amount % asked.Count].Cancel.Cancel();
                        break;
                }

                var gates = Enumerable.Range(0, 3).Select(i => limiter.GateOf($"p{i}")).ToArray();
                for (var i = 0; i < 3; i++)
                {
                    // A grant is counted here when the gate says so: its task completes on another thread.
                    Assert.True(gates[i].InUse <= Math.Max(places[i], inUse[i]));
                    inUse[i] = gates[i].InUse;
                    Assert.True(gates[i].Waiting == 0 || inUse[i] >= places[i] || inUse.Sum() >= 5 || gates.Sum(g => g.InUse) >= 5);
                }

                Assert.InRange(gates.Sum(gate => gate.InUse), 0, 5);
            }

            foreach (var (_, _, cancel) in asked)
            {
                cancel.Dispose();
            }
        });
    }

    [Fact]
    public async Task Many_threads_together_never_pass_the_lease_and_all_are_served()
    {
        using var limiter = new ProviderLimiter(Options.Create(new BatchOptions { MaxConcurrentCalls = 6 }), TimeProvider.System);
        limiter.Apply(limiter.GateOf("p"), Lease(4) with { Duration = TimeSpan.FromHours(1) }, TimeProvider.System.GetTimestamp());
        limiter.Apply(limiter.GateOf("q"), Lease(4) with { Duration = TimeSpan.FromHours(1) }, TimeProvider.System.GetTimestamp());
        var running = new int[3];
        var worst = new int[3];

        await Task.WhenAll(Enumerable.Range(0, 16).Select(worker => Task.Run(async () =>
        {
            for (var i = 0; i < 2_000; i++)
            {
                var which = (worker + i) % 2;
                var grant = await limiter.AcquireAsync(which == 0 ? "p" : "q", Claim($"w{worker % 3}"), CancellationToken.None);
                Assert.True(grant.Granted);
                Max(ref worst[which], Interlocked.Increment(ref running[which]));
                Max(ref worst[2], Interlocked.Increment(ref running[2]));
                await Task.Yield();
                Interlocked.Decrement(ref running[2]);
                Interlocked.Decrement(ref running[which]);
                limiter.Release(which == 0 ? "p" : "q", Ok);
            }
        })));

        Assert.InRange(worst[0], 2, 4);
        Assert.InRange(worst[1], 2, 4);
        Assert.InRange(worst[2], 3, 6);
        Assert.Equal((0, 0), (limiter.GateOf("p").InUse, limiter.GateOf("q").Waiting));
    }

    private static void Max(ref int worst, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref worst)) < value)
        {
            Interlocked.CompareExchange(ref worst, value, seen);
        }
    }

    private string _last = "";

    private async Task Note(List<string> order, string workspace, string provider = "p", string? word = null, int hours = 1, ProviderLimiter? limiter = null)
    {
        var grant = await (limiter ?? _limiter).AcquireAsync(provider, Claim(workspace, hours), CancellationToken.None);
        Assert.True(grant.Granted);
        lock (order)
        {
            _last = provider;
            order.Add(word ?? workspace);
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition())
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private void AskAndRelease()
    {
        if (IsThere(_limiter.AcquireAsync("p", Claim("w"), CancellationToken.None)))
        {
            _limiter.Release("p", Ok);
        }
    }

    private static bool IsThere(ValueTask<LimitGrant> grant) => grant.IsCompletedSuccessfully;

    private Task<LimitGrant> Ask(string provider, string workspace = "w", ProviderLimiter? limiter = null) =>
        (limiter ?? _limiter).AcquireAsync(provider, Claim(workspace), CancellationToken.None).AsTask();

    private LimitClaim Claim(string workspace, int hours = 1) => new(workspace, _clock.GetUtcNow().AddHours(hours));

    private ProviderLimiter Limiter(int cap) => new(Options.Create(new BatchOptions { MaxConcurrentCalls = cap }), _clock);

    private void Lend(string provider, int places, ProviderLimiter? limiter = null) =>
        (limiter ?? _limiter).Apply((limiter ?? _limiter).GateOf(provider), Lease(places), _clock.GetTimestamp());

    private static ProviderLease Lease(int places) =>
        new() { Places = places, Duration = LeaseTimes.Lease, RenewIn = LeaseTimes.Renewal };
}
