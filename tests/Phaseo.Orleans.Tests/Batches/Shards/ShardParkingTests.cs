using Phaseo.Orleans.Batches.Shards;

namespace Phaseo.Orleans.Tests.Batches.Shards;

public sealed class ShardParkingTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public void Shard_whose_rows_all_wait_parks_until_the_first_of_them()
    {
        using var scene = new ShardScene(3);
        scene.Upstreams.Answer = call => call.Held();
        using var run = scene.Start();
        scene.Turns.TakeAll();
        scene.Upstreams.Calls.ForEach(call => call.End(FakeUpstreams.Bad(429, TimeSpan.FromSeconds(30 - (10 * call.Row)))));

        var end = scene.Turns.Result(run.End);

        Assert.Equal((ShardRunResult.Parked, scene.Clock.GetUtcNow() + TimeSpan.FromSeconds(10)), (end.Result, end.WakeAt));
        Assert.EndsWith("pause", scene.Journal[^1], StringComparison.Ordinal);
        Assert.Equal(3, scene.Attempts.Count);
        Assert.Equal(0, scene.Limiter.InUse);
    }

    [Fact]
    public void Shard_does_not_park_for_five_seconds()
    {
        using var scene = new ShardScene(1);
        scene.Upstreams.Answer = call =>
            Task.FromResult(call.Attempt == 1 ? FakeUpstreams.Bad(429, TimeSpan.FromSeconds(5)) : FakeUpstreams.Good());
        using var run = scene.Start();
        scene.Turns.Until("wait", () => scene.Attempts.Count == 1);
        scene.Turns.TakeAll();
        Assert.False(run.End.IsCompleted);

        scene.Clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(ShardRunResult.Sealed, scene.Turns.Result(run.End).Result);
    }

    [Fact]
    public void Provider_that_wants_an_hour_holds_up_its_own_rows_only()
    {
        using var scene = new ShardScene(40, row => row % 2 == 0 ? "slow" : "fast");
        scene.Order = scene.Order with { Calls = 2 };
        scene.Planner.Serve("slow", "a");
        scene.Planner.Serve("fast", "b");
        scene.Upstreams.Answer = call =>
            Task.FromResult(call.Provider == "a" ? FakeUpstreams.Bad(429, Hour) : FakeUpstreams.Good());

        var end = scene.Run();

        Assert.Equal(ShardRunResult.Parked, end.Result);
        Assert.Equal(20, scene.Read().Recorded);
        Assert.Equal(20, scene.Upstreams.Calls.Count(call => call.Provider == "b"));
        Assert.Single(scene.Upstreams.Calls, call => call.Provider == "a");
    }

    [Fact]
    public void Shard_does_not_park_while_a_call_runs()
    {
        using var scene = new ShardScene(2, row => row == 0 ? "slow" : "fast");
        scene.Planner.Serve("slow", "a");
        scene.Planner.Serve("fast", "b");
        scene.Upstreams.Answer = call => call.Provider == "a" ? Task.FromResult(FakeUpstreams.Bad(429, Hour)) : call.Held();
        using var run = scene.Start();
        scene.Turns.TakeAll();
        Assert.False(run.End.IsCompleted);

        scene.Upstreams.Calls.Single(call => call.Provider == "b").End(FakeUpstreams.Good());

        Assert.Equal(ShardRunResult.Parked, scene.Turns.Result(run.End).Result);
        Assert.Equal(1, scene.Read().Recorded);
    }

    [Fact]
    public void Rows_of_a_provider_that_is_known_to_refuse_wait_without_an_attempt()
    {
        using var scene = new ShardScene(3);
        scene.Limiter.Block("a", Hour);

        var end = scene.Run();

        Assert.Equal((ShardRunResult.Parked, scene.Clock.GetUtcNow() + Hour), (end.Result, end.WakeAt));
        Assert.Empty(scene.Upstreams.Calls);
        Assert.Equal(["1: fence", "1: pause"], scene.Journal);
    }

    [Fact]
    public void Woken_shard_goes_on_where_it_was()
    {
        using var scene = new ShardScene(2);
        scene.Upstreams.Answer = call => call.Attempt == 1 ? call.Held() : Task.FromResult(FakeUpstreams.Good());
        using (var run = scene.Start())
        {
            scene.Turns.TakeAll();
            scene.Upstreams.Calls.ForEach(call => call.End(FakeUpstreams.Bad(429, Hour)));
            Assert.Equal(ShardRunResult.Parked, scene.Turns.Result(run.End).Result);
        }

        scene.Clock.Advance(Hour);

        var end = scene.Run(epoch: 2);

        Assert.Equal(ShardRunResult.Sealed, end.Result);
        Assert.Equal([(0, 1), (1, 1), (0, 2), (1, 2)], scene.Upstreams.Calls.Select(call => (call.Row, call.Attempt)));
        Assert.Equal(2, scene.Read()[0].Result.Attempts);
    }

    [Fact]
    public void Shard_that_is_woken_too_early_calls_nobody_and_parks_again()
    {
        using var scene = new ShardScene(1);
        scene.Upstreams.Answer = _ => Task.FromResult(FakeUpstreams.Bad(429, Hour));
        var first = scene.Run();
        scene.Clock.Advance(Hour / 2);

        var second = scene.Run(epoch: 2);

        Assert.Equal((ShardRunResult.Parked, first.WakeAt), (second.Result, second.WakeAt));
        Assert.Single(scene.Upstreams.Calls);
    }
}
