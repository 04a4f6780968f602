using System.Net;
using CsCheck;
using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans.Tests.Routing;

public sealed class LeaseBookTests
{
    private static readonly TimeSpan Later = TimeSpan.FromMinutes(1);

    private static readonly Guid Lender = Guid.NewGuid();

    private readonly LeaseBook _book = new(Lender);

    [Fact]
    public void One_silo_gets_everything_up_to_what_it_can_use()
    {
        Assert.Equal(10, Lend(Claim(1), limit: 10, living: 1).Places);
        Assert.Equal(7, Lend(Claim(1, round: 2) with { Cap = 7 }, limit: 10, living: 1).Places);
    }

    [Fact]
    public void A_silo_that_needs_nothing_gets_nothing_and_is_not_waited_for()
    {
        var idle = Lend(Claim(1) with { Cap = 0 }, limit: 10, living: 2);
        var busy = Lend(Claim(2), limit: 10, living: 2);

        Assert.Equal((0, Timeout.InfiniteTimeSpan), (idle.Places, idle.RenewIn));
        Assert.Equal(10, busy.Places);
    }

    [Fact]
    public void A_silo_that_has_become_idle_comes_back_until_its_places_are_free_for_others()
    {
        Lend(Claim(1) with { Waiting = 5 }, limit: 10, living: 2, Later);

        var idle = Lend(Claim(1, round: 2) with { Held = 10, Cap = 0 }, limit: 10, living: 2, Later);
        var gone = Lend(Claim(1, round: 3) with { Cap = 0 }, limit: 10, living: 2, Later);
        var other = Lend(Claim(2) with { Waiting = 50 }, limit: 10, living: 2, Later);

        Assert.Equal((0, LeaseTimes.ShortRenewal), (idle.Places, idle.RenewIn));
        Assert.Equal((0, Timeout.InfiniteTimeSpan), (gone.Places, gone.RenewIn));
        Assert.Equal(10, other.Places);
    }

    [Fact]
    public void A_silo_that_wants_no_more_is_heard_of_while_its_calls_run()
    {
        Lend(Claim(1) with { Waiting = 10 }, limit: 10, living: 2, Later);

        var running = Lend(Claim(1, round: 2) with { Running = 4, Cap = 0 }, limit: 10, living: 2, Later);
        var other = Lend(Claim(2) with { Waiting = 50 }, limit: 10, living: 2, Later);

        Assert.Equal((0, LeaseTimes.Renewal), (running.Places, running.RenewIn));
        Assert.Equal(6, other.Places);
    }

    [Fact]
    public void A_second_silo_gets_its_share_when_the_first_has_let_go_of_it()
    {
        Lend(Claim(1) with { Waiting = 50 }, limit: 10, living: 2, Later);

        var early = Lend(Claim(2) with { Waiting = 50 }, limit: 10, living: 2, Later);
        var first = Lend(Claim(1, round: 2) with { Held = 10, Running = 10, Waiting = 40 }, limit: 10, living: 2, Later);
        var stillRunning = Lend(Claim(2, round: 2) with { Waiting = 50 }, limit: 10, living: 2, Later);
        Lend(Claim(1, round: 3) with { Held = 5, Running = 5, Waiting = 45 }, limit: 10, living: 2, Later);
        var late = Lend(Claim(2, round: 3) with { Waiting = 50 }, limit: 10, living: 2, Later);

        Assert.Equal((0, LeaseTimes.ShortRenewal), (early.Places, early.RenewIn));
        Assert.Equal((5, LeaseTimes.ShortRenewal), (first.Places, first.RenewIn));
        Assert.Equal(0, stillRunning.Places);
        Assert.Equal((5, LeaseTimes.Renewal), (late.Places, late.RenewIn));
    }

    [Fact]
    public void Places_go_where_the_work_is()
    {
        Lend(Claim(1) with { Cap = 0 }, limit: 10, living: 2, Later);
        Lend(Claim(2) with { Waiting = 8 }, limit: 10, living: 2, Later);
        Lend(Claim(1, round: 2) with { Waiting = 1 }, limit: 10, living: 2, Later);
        var busy = Lend(Claim(2, round: 2) with { Held = 10, Running = 8 }, limit: 10, living: 2, Later);
        var unconfirmed = Lend(Claim(1, round: 3) with { Waiting = 1 }, limit: 10, living: 2, Later);
        Lend(Claim(2, round: 3) with { Held = busy.Places, Running = 8 }, limit: 10, living: 2, Later);
        var modest = Lend(Claim(1, round: 4) with { Waiting = 1 }, limit: 10, living: 2, Later);

        Assert.InRange(busy.Places, 8, 9);
        Assert.Equal(LeaseTimes.ShortRenewal, busy.RenewIn);
        Assert.Equal(0, unconfirmed.Places);
        Assert.Equal(10 - busy.Places, modest.Places);
    }

    [Fact]
    public void A_new_lender_lends_only_what_is_held_until_all_have_spoken()
    {
        var unknown = Lend(Claim(1) with { Waiting = 5 }, limit: 10, living: 3);
        var holder = Lend(Claim(2) with { Held = 4, Running = 2, Waiting = 5 }, limit: 10, living: 3);
        Lend(Claim(3) with { Cap = 0 }, limit: 10, living: 3);
        var known = Lend(Claim(1, round: 2) with { Waiting = 5 }, limit: 10, living: 3);

        Assert.Equal(0, unknown.Places);
        Assert.Equal(4, holder.Places);
        Assert.Equal(5, known.Places);
    }

    [Fact]
    public void A_claim_meant_for_the_lender_before_is_no_statement_to_this_one()
    {
        var stranger = Claim(1) with { Lender = Guid.NewGuid() };
        var hello = Lend(stranger with { Waiting = 5, Held = 3 }, limit: 10, living: 2);
        var other = Lend(Claim(2) with { Waiting = 5 }, limit: 10, living: 2);
        var newcomer = Lend(stranger with { Silo = Silo(3), Waiting = 5 }, limit: 10, living: 3, Later);

        Assert.Equal((3, TimeSpan.Zero, Lender), (hello.Places, hello.RenewIn, hello.Lender));
        Assert.Equal(0, other.Places);
        Assert.Equal((0, TimeSpan.Zero), (newcomer.Places, newcomer.RenewIn));
    }

    [Fact]
    public void A_new_lender_waits_one_lease_time_for_those_who_do_not_speak()
    {
        var before = Lend(Claim(1), limit: 10, living: 2, LeaseTimes.Lease - TimeSpan.FromTicks(1));
        var after = Lend(Claim(1, round: 2), limit: 10, living: 2, LeaseTimes.Lease);

        Assert.Equal((0, 10), (before.Places, after.Places));
    }

    [Fact]
    public void A_silent_silos_places_come_back_only_when_it_is_dead()
    {
        Lend(Claim(2) with { Waiting = 50 }, limit: 10, living: 2, Later);

        var alive = Lend(Claim(1) with { Waiting = 50 }, limit: 10, living: 2, Later + Later);
        var dead = Lend(Claim(1, round: 2) with { Waiting = 50 }, limit: 10, living: 1, Later + Later);

        Assert.Equal((0, 10), (alive.Places, dead.Places));
    }

    [Fact]
    public void A_late_claim_changes_nothing()
    {
        Lend(Claim(1, round: 5) with { Held = 10, Running = 10 }, limit: 10, living: 2, Later);

        var late = Lend(Claim(1, round: 4), limit: 10, living: 2, Later);
        var other = Lend(Claim(2) with { Waiting = 9 }, limit: 10, living: 2, Later);

        Assert.Equal((0, 0), (late.Places, other.Places));
    }

    [Fact]
    public void One_silos_block_is_told_to_all()
    {
        Lend(Claim(1) with { BlockedFor = TimeSpan.FromSeconds(30) }, limit: 10, living: 2, Later);

        var other = Lend(Claim(2), limit: 10, living: 2, Later + TimeSpan.FromSeconds(10));

        Assert.Equal(TimeSpan.FromSeconds(20), other.BlockedFor);
    }

    [Fact]
    public void The_calls_of_all_living_silos_never_pass_the_limit_whatever_is_late_or_lost()
    {
        Gen.Select(Gen.Int[1, 12], Gen.Select(Gen.Int[0, 9], Gen.Int[0, 2], Gen.Int[0, 20]).Array[0, 400])
            .Sample((limit, steps) =>
            {
                var world = new LendingWorld(limit);
                foreach (var (kind, silo, amount) in steps)
                {
                    world.Step(kind, silo, amount);
                    Assert.InRange(world.Running, 0, limit);
                }
            }, iter: 1_000);
    }

    [Fact]
    public void With_messages_going_through_the_whole_limit_is_lent_fairly()
    {
        Gen.Select(Gen.Int[1, 40], Gen.Int[0, 30].Array[3]).Sample((limit, wants) =>
        {
            var book = new LeaseBook(Lender);
            var living = Enumerable.Range(0, 3).Select(Silo).ToHashSet();
            var places = new int[3];
            for (var round = 1; round <= 6; round++)
            {
                for (var i = 0; i < 3; i++)
                {
                    places[i] = book.Lend(
                        Claim(i, round) with { Held = places[i], Waiting = wants[i], Cap = 1000 }, limit, living, Later).Places;
                }
            }

            Assert.Equal(limit, places.Sum());
            for (var i = 0; i < 3; i++)
            {
                Assert.True(places[i] >= Math.Min(wants[i], limit / 3), $"{string.Join(',', wants)} of {limit} gave {string.Join(',', places)}");
            }
        });
    }

    internal static SiloAddress Silo(int number) => SiloAddress.New(IPAddress.Loopback, 1000 + number, 1);

    internal static LeaseClaim Claim(int silo, long round = 1) =>
        new() { Silo = Silo(silo), Round = round, Held = 0, Running = 0, Waiting = 0, Cap = 100, Lender = Lender };

    private ProviderLease Lend(LeaseClaim claim, int limit, int living, TimeSpan now = default) =>
        _book.Lend(claim, limit, Enumerable.Range(1, living).Select(Silo).ToHashSet(), now);
}
