using Phaseo.Orleans.Batches.Journals;
using Phaseo.Orleans.Batches.Shards;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Batches.Shards;

public sealed class CutJournalTests
{
    private const int Rows = 6;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Shard_goes_on_from_a_journal_cut_at_any_byte_of_its_last_flush()
    {
        await using var home = new EmbeddedHome();
        var path = Path.Combine(home.Folder, "journals", WriteThreeFlushes(home).Journal.Name);
        var whole = await File.ReadAllBytesAsync(path, Cancel);
        var flushes = JournalText.Of(whole);
        Assert.Equal(["1: fence", "1: result 0", "1: result 2", "1: result 1, result 3"], flushes);
        var last = whole.Length - LengthOfLast(whole);

        for (var cut = last; cut <= whole.Length; cut++)
        {
            await File.WriteAllBytesAsync(path, whole[..cut], Cancel);
            await home.ReopenAsync();
            using var scene = new ShardScene(Rows, home.Journals);

            var kept = scene.Read();
            int[] expected = cut < whole.Length ? [0, 2] : [0, 1, 2, 3];
            Assert.Equal(expected, Enumerable.Range(0, Rows).Where(row => kept[row].IsRecorded));
            Assert.Equal(ShardRunResult.Sealed, scene.Run(epoch: 2).Result);

            Assert.Equal(Enumerable.Range(0, Rows).Except(expected), scene.Upstreams.Rows.Order());
            Assert.Equal((ShardOutcome.Done, Rows), (scene.Read().Outcome, scene.Read().Recorded));
        }
    }

    // Rows 4 and 5 were called and not recorded when the process died.
    private static ShardOrder WriteThreeFlushes(EmbeddedHome home)
    {
        using var scene = new ShardScene(Rows, home.Journals);
        scene.Upstreams.Answer = call => call.Held();
        using var run = scene.Start();
        scene.Turns.Until("calls", () => scene.Upstreams.Calls.Count == Rows);
        foreach (var rows in (int[][])[[0], [2], [1, 3]])
        {
            var recorded = run.Journal.Ledger.Recorded + rows.Length;
            foreach (var row in rows)
            {
                scene.Upstreams.Calls.Single(call => call.Row == row).End(FakeUpstreams.Good());
            }

            scene.Turns.TakeAll();
            scene.Clock.Advance(ShardRecorder.MaxAge);
            scene.Turns.Until("flush", () => run.Journal.Ledger.Recorded == recorded);
        }

        return scene.Order;
    }

    private static int LengthOfLast(ReadOnlySpan<byte> journal)
    {
        var length = 0;
        while (JournalFrame.TryReadHeader(journal, out var header))
        {
            length = header.FrameLength;
            journal = journal[length..];
        }

        return length;
    }
}
