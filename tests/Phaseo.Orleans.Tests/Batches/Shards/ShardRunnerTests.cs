using Phaseo.Orleans.Batches.Shards;

namespace Phaseo.Orleans.Tests.Batches.Shards;

public sealed class ShardRunnerTests
{
    [Fact]
    public void Every_row_is_called_once_and_recorded()
    {
        using var scene = new ShardScene(3);

        var end = scene.Run();

        Assert.Equal(ShardRunResult.Sealed, end.Result);
        Assert.Equal([0, 1, 2], scene.Upstreams.Rows);
        Assert.Equal(["1: fence", "1: result 0, result 1, result 2, seal Done"], scene.Journal);
        Assert.Equal(0, scene.Limiter.InUse);
    }

    [Fact]
    public void Rows_go_on_to_an_offer_that_nobody_has_used_yet_when_the_first_is_blocked()
    {
        using var scene = new ShardScene(3);
        scene.Planner.Serve("m", "a", "b", "c");
        scene.Limiter.Block("a", TimeSpan.FromHours(1));
        scene.Limiter.Block("b", TimeSpan.FromHours(1));

        var end = scene.Run();

        Assert.Equal(ShardRunResult.Sealed, end.Result);
        Assert.Equal(["c", "c", "c"], scene.Upstreams.Calls.Select(call => call.Provider));
    }

    [Fact]
    public async Task Append_of_more_than_a_second_holds_nothing_up()
    {
        using var scene = new ShardScene(3);
        var appends = new TaskCompletionSource();
        var test = Task.Run(
            () =>
            {
                scene.Upstreams.Answer = call => call.Held();
                using var run = scene.Start();
                scene.Turns.TakeAll();
                scene.Journals.OnAppend = async append =>
                {
                    await appends.Task;
                    return append.CarryOut();
                };
                scene.Upstreams.Calls[0].End(FakeUpstreams.Good());
                scene.Turns.TakeAll();
                scene.Clock.Advance(ShardRecorder.MaxAge);
                scene.Turns.TakeAll();
                scene.Upstreams.Calls[1].End(FakeUpstreams.Good());
                scene.Turns.TakeAll();
                scene.Clock.Advance(ShardRecorder.MaxAge);
                scene.Turns.TakeAll();
                appends.SetResult();
                scene.Upstreams.Calls[2].End(FakeUpstreams.Good());
                return scene.Turns.Result(run.End);
            },
            TestContext.Current.CancellationToken);

        var end = await test.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.Equal(ShardRunResult.Sealed, end.Result);
        Assert.Equal(3, scene.Read().Recorded);
    }
}
