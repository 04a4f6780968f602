using Phaseo.Orleans.Batches.Journals;
using Phaseo.Orleans.Batches.Shards;

namespace Phaseo.Orleans.Tests.Batches.Shards;

public sealed class KillerRowTests
{
    private const int Killer = 1;
    private long _epoch;

    [Fact]
    public void Row_that_kills_the_process_every_time_is_found_and_ended()
    {
        using var scene = new ShardScene(3);
        scene.Upstreams.Answer = call => call.Row == Killer ? call.Held() : Task.FromResult(FakeUpstreams.Good());

        var starts = 0;
        while (!TryRun(scene))
        {
            starts++;
            Assert.InRange(starts, 0, 20);
        }

        var ledger = scene.Read();
        Assert.Equal((ShardOutcome.Done, 3), (ledger.Outcome, ledger.Recorded));
        Assert.Equal("provider_unavailable", ledger[Killer].Result.ErrorCode);
        Assert.Equal((200, 200), (ledger[0].Result.StatusCode, ledger[2].Result.StatusCode));
        Assert.Equal(3, scene.Journal.Count(flush => flush.EndsWith($"trying {Killer}", StringComparison.Ordinal)));
    }

    [Fact]
    public void After_five_silent_deaths_rows_run_one_at_a_time_and_each_is_announced_before_its_call()
    {
        using var scene = new ShardScene(3);
        scene.Upstreams.Answer = call => call.Held();
        Die(scene, times: 5);
        scene.Upstreams.Calls.Clear();
        using var run = scene.Start(++_epoch);
        List<string> before = [];
        for (var row = 0; row < 3; row++)
        {
            scene.Turns.Until("call", () => scene.Upstreams.Calls.Count == row + 1);
            scene.Turns.TakeAll();
            Assert.Equal(row + 1, scene.Upstreams.Calls.Count);
            before.Add(scene.Journal[^1]);
            scene.Upstreams.Calls[row].End(FakeUpstreams.Good());
        }

        Assert.Equal(ShardRunResult.Sealed, scene.Turns.Result(run.End).Result);
        Assert.Equal(["6: trying 0", "6: result 0, trying 1", "6: result 1, trying 2"], before);
    }

    [Fact]
    public void Four_silent_deaths_change_nothing()
    {
        using var scene = new ShardScene(3);
        scene.Upstreams.Answer = call => call.Held();
        Die(scene, times: 4);
        scene.Upstreams.Calls.Clear();
        using var run = scene.Start(++_epoch);

        scene.Turns.TakeAll();

        Assert.Equal(3, scene.Upstreams.Calls.Count);
        Assert.Equal("5: fence", scene.Journal[^1]);
        Abandon(scene, run);
    }

    [Theory]
    [InlineData(ShardRunResult.HandedBack)]
    [InlineData(ShardRunResult.Parked)]
    public void Start_that_ended_in_order_is_no_death(object end)
    {
        using var scene = new ShardScene(3);
        scene.Upstreams.Answer = call => call.Held();
        Die(scene, times: 4);
        scene.Limiter.Block("a", TimeSpan.FromMinutes(1));
        using (var orderly = scene.Start(++_epoch))
        {
            if (end is ShardRunResult.HandedBack)
            {
                orderly.Runner.HandBack(TimeSpan.Zero);
            }

            Assert.Equal(end, scene.Turns.Result(orderly.End).Result);
        }

        scene.Clock.Advance(TimeSpan.FromMinutes(1));
        Die(scene, times: 4);
        scene.Upstreams.Calls.Clear();
        using var run = scene.Start(++_epoch);
        scene.Turns.TakeAll();

        Assert.Equal(3, scene.Upstreams.Calls.Count);
        Abandon(scene, run);
    }

    [Fact]
    public void Row_is_not_called_when_its_announcement_finds_another_writer_in_charge()
    {
        using var scene = new ShardScene(3);
        scene.Upstreams.Answer = call => call.Held();
        Die(scene, times: 5);
        scene.Upstreams.Calls.Clear();
        var announced = new TaskCompletionSource();
        using var run = scene.Start(++_epoch);
        scene.Journals.OnAppend = async append =>
        {
            await announced.Task;
            return append.CarryOut();
        };
        scene.Turns.TakeAll();
        scene.Journals[scene.Order.Journal] = [.. scene.Journals[scene.Order.Journal], .. FenceOf(epoch: 100)];

        announced.SetResult();

        Assert.Equal(ShardRunResult.Lost, scene.Turns.Result(run.End).Result);
        Assert.Empty(scene.Upstreams.Calls);
    }

    // True: it went through. A process dies as soon as the killer is called; what it had not appended is lost.
    private bool TryRun(ShardScene scene)
    {
        var calls = scene.Upstreams.Calls.Count;
        var run = scene.Start(++_epoch);
        scene.Turns.Until(
            "call or end", () => run.End.IsCompleted || scene.Upstreams.Calls.Skip(calls).Any(call => call.Row == Killer));
        if (run.End.IsCompleted)
        {
            run.Dispose();
        }

        return run.End.IsCompleted;
    }

    private void Die(ShardScene scene, int times)
    {
        for (var start = 0; start < times; start++)
        {
            scene.Start(++_epoch);
            scene.Turns.TakeAll();
        }
    }

    private static byte[] FenceOf(long epoch)
    {
        var flush = new JournalWriter();
        flush.Fence();
        return flush.Seal(epoch, 1, Guid.NewGuid()).ToArray();
    }

    private static void Abandon(ShardScene scene, ShardRun run)
    {
        run.Runner.Abort();
        scene.Turns.Result(run.End);
    }
}
