using System.Text;
using Phaseo.Orleans.Batches.Journals;
using Phaseo.Orleans.Batches.Shards;
using Phaseo.Orleans.Providers;

namespace Phaseo.Orleans.Tests.Batches.Shards;

public sealed class ShardRoundsTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    [Fact]
    public void Every_offer_is_tried_in_each_round_and_rounds_wait_twice_as_long_each_time()
    {
        using var scene = new ShardScene(1);
        scene.Options.MaxRounds = 4;
        scene.Planner.Serve("m", "a", "b");
        scene.Upstreams.Answer = call => Task.FromResult(FakeUpstreams.Bad(500 + call.Attempt));
        using var run = scene.Start();

        List<TimeSpan> waits = [];
        for (var round = 1; round < scene.Options.MaxRounds; round++)
        {
            waits.Add(PassWait(scene, round));
        }

        var end = scene.Turns.Result(run.End);
        Assert.Equal(ShardRunResult.Sealed, end.Result);
        Assert.Equal(["a", "b", "a", "b", "a", "b", "a", "b"], scene.Upstreams.Calls.Select(call => call.Provider));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], scene.Upstreams.Calls.Select(call => call.Attempt));
        Assert.InRange(waits[0], TimeSpan.FromSeconds(0.5) - Moment, TimeSpan.FromSeconds(1));
        Assert.InRange(waits[1], TimeSpan.FromSeconds(1) - Moment, TimeSpan.FromSeconds(2));
        Assert.InRange(waits[2], TimeSpan.FromSeconds(2) - Moment, TimeSpan.FromSeconds(4));
        Assert.Equal((508, 8, ResultFile.Errors), Ended(scene));
    }

    [Fact]
    public void Waits_of_rows_that_failed_together_differ()
    {
        using var scene = new ShardScene(16);
        scene.Upstreams.Answer = _ => Task.FromResult(FakeUpstreams.Bad(500));
        using var run = scene.Start();

        scene.Turns.Until("wait of each row", () => scene.Attempts.Count == 16);

        Assert.NotEqual(1, scene.Attempts.Select(attempt => attempt.NextAt).Distinct().Count());
        Abandon(scene, run);
    }

    [Theory]
    [InlineData(3600)]
    [InlineData(10)]
    public void Provider_that_asks_for_time_gets_it(int seconds)
    {
        using var scene = new ShardScene(1);
        var asked = TimeSpan.FromSeconds(seconds);
        scene.Upstreams.Answer = _ => Task.FromResult(FakeUpstreams.Bad(429, asked));

        var end = scene.Run();

        Assert.Equal((ShardRunResult.Parked, scene.Clock.GetUtcNow() + asked), (end.Result, end.WakeAt));
        Assert.Single(scene.Upstreams.Calls);
    }

    [Fact]
    public void Of_a_rounds_offers_the_one_that_is_back_first_counts()
    {
        using var scene = new ShardScene(1);
        scene.Planner.Serve("m", "a", "b");
        scene.Upstreams.Answer = call =>
            Task.FromResult(FakeUpstreams.Bad(429, call.Provider == "a" ? TimeSpan.FromHours(1) : TimeSpan.FromSeconds(20)));

        var end = scene.Run();

        Assert.Equal(scene.Clock.GetUtcNow() + TimeSpan.FromSeconds(20), end.WakeAt);
    }

    [Fact]
    public void Time_asked_for_is_never_less_than_our_own_wait()
    {
        using var scene = new ShardScene(1);
        scene.Upstreams.Answer = _ => Task.FromResult(FakeUpstreams.Bad(429, TimeSpan.FromMilliseconds(1)));
        using var run = scene.Start();

        var wait = PassWait(scene, round: 1);

        Assert.InRange(wait, TimeSpan.FromSeconds(0.5) - Moment, TimeSpan.FromSeconds(1));
        Abandon(scene, run);
    }

    [Theory]
    [InlineData(FailureKind.Unreachable, "provider_unavailable")]
    [InlineData(FailureKind.TimedOut, "request_timeout")]
    public void Row_that_nobody_ever_answers_ends_without_an_answer(FailureKind kind, string code)
    {
        using var scene = new ShardScene(1);
        scene.Options.MaxRounds = 1;
        scene.Upstreams.Answer = _ => Task.FromResult(FakeUpstreams.None(kind));

        scene.Run();

        Assert.Equal(["1: fence", $"1: result 0 {code}, seal Done"], scene.Journal);
    }

    [Fact]
    public void Answer_of_an_earlier_round_and_activation_is_what_a_row_gives_up_with()
    {
        using var scene = new ShardScene(1);
        scene.Options.MaxRounds = 2;
        scene.Upstreams.Answer = _ => Task.FromResult(FakeUpstreams.Bad(503, TimeSpan.FromMinutes(1)));
        scene.Run();
        scene.Clock.Advance(TimeSpan.FromMinutes(2));
        scene.Upstreams.Answer = _ => Task.FromResult(FakeUpstreams.None(FailureKind.Unreachable));

        scene.Run(epoch: 2);

        Assert.Equal((503, 2, ResultFile.Errors), Ended(scene));
        var line = scene.Read()[0].Line;
        var text = Encoding.UTF8.GetString(scene.Journals[scene.Order.Journal], (int)line.Position, line.Length);
        Assert.Contains("""{"status":503}""", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 200)]
    [InlineData(2, 0)]
    public void Truncated_answer_is_asked_for_once_more_of_the_same_offer(int truncated, int status)
    {
        using var scene = new ShardScene(1);
        scene.Planner.Serve("m", "a", "b");
        scene.Upstreams.Answer = call => Task.FromResult(
            call.Attempt <= truncated ? FakeUpstreams.None(FailureKind.Truncated) : FakeUpstreams.Good());

        scene.Run();

        Assert.Equal(["a", "a"], scene.Upstreams.Calls.Select(call => call.Provider));
        Assert.Equal(status, scene.Read()[0].Result.StatusCode);
        Assert.Equal(status == 0 ? "invalid_provider_response" : "", scene.Read()[0].Result.ErrorCode);
    }

    [Fact]
    public void Refusal_that_is_the_callers_fault_is_the_rows_answer_at_once()
    {
        using var scene = new ShardScene(1);
        scene.Planner.Serve("m", "a", "b");
        scene.Upstreams.Answer = _ => Task.FromResult(
            new UpstreamAnswer(422, null, "{}"u8.ToArray(), null, new(FailureKind.Refused)));

        scene.Run();

        Assert.Equal((422, 1, ResultFile.Errors), Ended(scene));
    }

    // Waits until the round's wait is recorded; nothing is called before it is over.
    private static TimeSpan PassWait(ShardScene scene, int round)
    {
        scene.Turns.Until("wait", () => scene.Attempts.Count == round);
        var now = scene.Clock.GetUtcNow();
        var wait = scene.Attempts[^1].NextAt - now;
        var calls = scene.Upstreams.Calls.Count;
        scene.Clock.Advance(wait - Moment);
        scene.Turns.TakeAll();
        Assert.Equal(calls, scene.Upstreams.Calls.Count);

        // Records keep whole milliseconds.
        scene.Clock.Advance(2 * Moment);
        scene.Turns.Until("call", () => scene.Upstreams.Calls.Count > calls);
        return wait;
    }

    private static void Abandon(ShardScene scene, ShardRun run)
    {
        run.Runner.Abort();
        scene.Turns.Result(run.End);
    }

    private static (int StatusCode, int Attempts, ResultFile File) Ended(ShardScene scene)
    {
        var row = scene.Read()[0];
        Assert.True(row.IsRecorded);
        return (row.Result.StatusCode, row.Result.Attempts, row.Result.File);
    }
}
