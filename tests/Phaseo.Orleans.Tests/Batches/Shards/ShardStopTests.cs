using Phaseo.Orleans.Batches.Journals;
using Phaseo.Orleans.Batches.Shards;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Tests.Batches.Shards;

public sealed class ShardStopTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(45);

    [Fact]
    public void Stopped_shard_starts_no_row_keeps_what_comes_in_its_grace_and_drops_the_rest()
    {
        using var scene = Held(rows: 4, calls: 2);
        using var run = Started(scene);

        run.Runner.Stop(ShardOutcome.Cancelled, Grace);
        scene.Upstreams.Calls[0].End(FakeUpstreams.Good());
        scene.Turns.TakeAll();
        scene.Clock.Advance(Grace - TimeSpan.FromTicks(1));
        scene.Turns.TakeAll();
        Assert.False(run.End.IsCompleted);
        scene.Clock.Advance(TimeSpan.FromTicks(1));
        var end = scene.Turns.Result(run.End);

        Assert.Equal(ShardRunResult.Sealed, end.Result);
        Assert.Equal([0, 1], scene.Upstreams.Rows);
        Assert.Equal("1: fence|1: result 0|1: seal Cancelled", string.Join('|', scene.Journal));
        Assert.Equal(0, scene.Limiter.InUse);
    }

    [Fact]
    public void Shard_that_is_stopped_when_all_is_recorded_is_done()
    {
        using var scene = Held(rows: 1, calls: 1);
        using var run = Started(scene);

        run.Runner.Stop(ShardOutcome.Cancelled, Grace);
        scene.Upstreams.Calls[0].End(FakeUpstreams.Good());

        Assert.Equal(ShardRunResult.Sealed, scene.Turns.Result(run.End).Result);
        Assert.Equal("1: fence|1: result 0, seal Done", string.Join('|', scene.Journal));
    }

    [Fact]
    public void Row_that_waits_for_a_round_gets_none_after_the_stop()
    {
        using var scene = new ShardScene(1);
        scene.Upstreams.Answer = _ => Task.FromResult(FakeUpstreams.Bad(503));
        using var run = scene.Start();
        scene.Turns.Until("wait", () => scene.Attempts.Count == 1);

        run.Runner.Stop(ShardOutcome.Expired, TimeSpan.Zero);

        Assert.Equal(ShardRunResult.Sealed, scene.Turns.Result(run.End).Result);
        Assert.Equal("1: seal Expired", scene.Journal[^1]);
        Assert.Single(scene.Upstreams.Calls);
    }

    [Fact]
    public void No_row_starts_at_the_deadline()
    {
        using var scene = Held(rows: 3, calls: 1);
        scene.Order = scene.Order with { Remaining = TimeSpan.FromSeconds(10) };
        using var run = Started(scene);
        scene.Clock.Advance(TimeSpan.FromSeconds(9));
        scene.Upstreams.Calls[0].End(FakeUpstreams.Good());
        scene.Turns.TakeAll();
        Assert.Equal([0, 1], scene.Upstreams.Rows);

        scene.Clock.Advance(TimeSpan.FromSeconds(1));
        scene.Upstreams.Calls[1].End(FakeUpstreams.Good());
        scene.Turns.Until("second result", () => scene.Read().Recorded == 2);
        run.Runner.Stop(ShardOutcome.Expired, TimeSpan.FromSeconds(2));

        Assert.Equal(ShardRunResult.Sealed, scene.Turns.Result(run.End).Result);
        Assert.Equal([0, 1], scene.Upstreams.Rows);
        Assert.Equal("1: seal Expired", scene.Journal[^1]);
    }

    [Fact]
    public void Handed_back_row_is_called_again_under_the_next_number_and_costs_no_round()
    {
        using var scene = Held(rows: 3, calls: 2);
        using var run = Started(scene);

        run.Runner.HandBack(TimeSpan.FromSeconds(2));
        scene.Upstreams.Calls[0].End(FakeUpstreams.Good());
        scene.Turns.TakeAll();
        scene.Clock.Advance(TimeSpan.FromSeconds(2));
        var first = scene.Turns.Result(run.End);
        scene.Upstreams.Answer = _ => Task.FromResult(FakeUpstreams.Good());
        var second = scene.Run(epoch: 2);

        Assert.Equal((ShardRunResult.HandedBack, ShardRunResult.Sealed), (first.Result, second.Result));
        Assert.Equal([(0, 1), (1, 1), (1, 2), (2, 1)], scene.Upstreams.Calls.Select(call => (call.Row, call.Attempt)).Order());
        Assert.Contains("1: attempt 1 (1 calls, 0 rounds), pause", scene.Journal);
    }

    [Fact]
    public void Row_whose_place_has_become_too_old_is_not_sent_on_it()
    {
        using var scene = new ShardScene(2);
        scene.Limiter.Overtaken = 3;

        var end = scene.Run();

        Assert.Equal(ShardRunResult.Sealed, end.Result);
        Assert.Equal([(0, 1), (1, 1)], scene.Upstreams.Calls.Select(call => (call.Row, call.Attempt)).Order());
        Assert.Equal((0, -2), (scene.Limiter.InUse, scene.Limiter.Overtaken));
    }

    [Fact]
    public void Runner_that_is_fenced_off_drops_its_calls_and_starts_no_more()
    {
        using var scene = Held(rows: 70, calls: 66);
        using var run = Started(scene);
        Assert.Equal(66, scene.Upstreams.Calls.Count);
        Fence(scene, epoch: 2);

        foreach (var call in scene.Upstreams.Calls.Take(64).ToList())
        {
            call.End(FakeUpstreams.Good());
        }

        var end = scene.Turns.Result(run.End);

        // The flush of 64 finds the fence; by then the four rows left had started.
        Assert.Equal(ShardRunResult.Lost, end.Result);
        Assert.Equal(["1: fence", "2: fence"], scene.Journal);
        Assert.Equal(70, scene.Upstreams.Calls.Count);
        Assert.All(scene.Upstreams.Calls.Skip(64), call => Assert.True(call.Cancellation.IsCancellationRequested));
        Assert.Equal(0, scene.Limiter.InUse);
    }

    [Fact]
    public void Runner_whose_journal_was_sealed_by_another_is_lost()
    {
        using var scene = Held(rows: 1, calls: 1);
        using var run = Started(scene);
        var closer = new ShardCloser(scene.Journals, scene.Blobs, scene.Clock);
        scene.Turns.Run(() => closer.CloseAsync(scene.Order with { Epoch = 2 }, ShardOutcome.Cancelled, CancellationToken.None));

        scene.Upstreams.Calls[0].End(FakeUpstreams.Good());
        var end = scene.Turns.Result(run.End);

        Assert.Equal(ShardRunResult.Lost, end.Result);
        Assert.Equal(["1: fence", "2: fence", "2: seal Cancelled"], scene.Journal);
    }

    [Fact]
    public void At_most_two_flushes_are_unrecorded_and_then_no_call_starts()
    {
        using var scene = new ShardScene(500);
        var storage = new TaskCompletionSource();
        using var run = scene.Start();
        scene.Journals.OnAppend = async append =>
        {
            await storage.Task;
            return append.CarryOut();
        };

        scene.Turns.Until("128th call", () => scene.Upstreams.Calls.Count == 128);
        scene.Turns.TakeAll();
        scene.Clock.Advance(TimeSpan.FromMinutes(1));
        scene.Turns.TakeAll();
        Assert.Equal(128, scene.Upstreams.Calls.Count);
        storage.SetResult();

        Assert.Equal(ShardRunResult.Sealed, scene.Turns.Result(run.End).Result);
        Assert.Equal(500, scene.Read().Recorded);
        Assert.Equal(500, scene.Upstreams.Calls.Count);
    }

    [Fact]
    public void Storage_outage_is_outlived_and_no_row_is_called_twice()
    {
        using var scene = new ShardScene(500);
        var isDown = false;
        scene.Journals.OnAppend = append =>
            isDown ? throw new StorageUnavailableException("Down.") : Task.FromResult(append.CarryOut());
        using var run = scene.Start();
        isDown = true;
        scene.Turns.Until("128th call", () => scene.Upstreams.Calls.Count == 128);
        for (var seconds = 0; seconds < 120; seconds++)
        {
            scene.Clock.Advance(TimeSpan.FromSeconds(1));
            scene.Turns.TakeAll();
        }

        isDown = false;
        scene.Clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(ShardRunResult.Sealed, scene.Turns.Result(run.End).Result);
        Assert.Equal(Enumerable.Range(0, 500), scene.Upstreams.Rows);
        Assert.Equal(500, scene.Read().Recorded);
    }

    private static ShardScene Held(int rows, int calls)
    {
        var scene = new ShardScene(rows);
        scene.Order = scene.Order with { Calls = calls };
        scene.Upstreams.Answer = call => call.Held();
        return scene;
    }

    private static ShardRun Started(ShardScene scene)
    {
        var run = scene.Start();
        scene.Turns.TakeAll();
        return run;
    }

    private static void Fence(ShardScene scene, long epoch)
    {
        var journal = new ShardJournal(scene.Journals, scene.Order.Journal, new(0, scene.Order.Slice.Rows), scene.Clock);
        Assert.Equal(JournalState.Open, scene.Turns.Run(() => journal.FenceAsync(epoch, CancellationToken.None)));
    }
}
