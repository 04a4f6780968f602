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
}
