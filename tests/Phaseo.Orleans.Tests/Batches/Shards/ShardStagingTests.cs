using System.Text;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Batches.Journals;
using Phaseo.Orleans.Batches.Shards;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Tests.Batches.Shards;

public sealed class ShardStagingTests : IDisposable
{
    private const int Rows = 5;
    private static readonly string LargeAnswer = $$"""{"text":"{{new string('x', 5 * 1024 * 1024)}}"}""";
    private readonly ShardScene _scene = new(Rows);
    private readonly string _output;
    private readonly string _errors;

    public ShardStagingTests()
    {
        _output = BlobNames.Output(_scene.Order.Workspace, _scene.Order.Batch);
        _errors = BlobNames.Errors(_scene.Order.Workspace, _scene.Order.Batch);
    }

    [Fact]
    public void Lines_stand_in_input_order_whatever_order_they_came_in()
    {
        RunMixedShard();

        Stage();

        Assert.Equal([0, 4], RowsOf(_output));
        Assert.Equal([1, 2, 3], RowsOf(_errors));
        Assert.Contains("batch_cancelled", LinesOf(_errors)[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Staging_again_by_anybody_at_any_time_gives_the_same_blocks()
    {
        RunMixedShard();
        var first = Stage();
        var staged = _scene.Blobs.Staged;
        _scene.Clock.Advance(TimeSpan.FromDays(8));

        var second = Stage();
        var closer = new ShardCloser(_scene.Journals, _scene.Blobs, _scene.Clock);
        var third = _scene.Turns.Run(() => closer.CloseAsync(_scene.Order with { Epoch = 9 }, ShardOutcome.Expired, CancellationToken.None));

        AssertSame(first, second);
        AssertSame(first, third!);
        Assert.Equal(staged, _scene.Blobs.Staged);
    }

    [Fact]
    public void Blocks_that_vanished_are_staged_again_as_they_were()
    {
        RunMixedShard();
        var first = Stage();
        var staged = _scene.Blobs.Staged;
        _scene.Blobs.ForgetStaged();

        var again = Stage();

        AssertSame(first, again);
        Assert.Equal(staged, _scene.Blobs.Staged);
    }

    [Fact]
    public void Ids_of_one_file_have_one_length_and_lengths_are_those_of_the_blocks()
    {
        RunMixedShard();

        var end = Stage();

        foreach (var (name, blocks) in new[] { (_output, end.Output), (_errors, end.Errors) })
        {
            Assert.Single(blocks.Select(block => block.Id.Length).Distinct());
            Assert.All(blocks, block => Assert.Equal(_scene.Blobs.Staged[(name, block.Id)].Length, block.Length));
        }
    }

    [Fact]
    public void Shard_that_never_had_a_journal_is_staged_with_its_outcome()
    {
        _scene.Turns.Run(() => _scene.Journals.DeleteAsync(_scene.Order.Journal, CancellationToken.None));
        var closer = new ShardCloser(_scene.Journals, _scene.Blobs, _scene.Clock);

        var end = _scene.Turns.Run(() => closer.CloseAsync(_scene.Order, ShardOutcome.Expired, CancellationToken.None))!;

        Assert.Equal((0, Rows), (end.Tally.Completed, end.Tally.Failed));
        Assert.All(LinesOf(_errors), line => Assert.Contains("batch_expired", line, StringComparison.Ordinal));
        Assert.Equal(Enumerable.Range(0, Rows), RowsOf(_errors));
    }

    public void Dispose() => _scene.Dispose();

    private static void AssertSame(ShardEnd expected, ShardEnd actual)
    {
        Assert.Equal(expected.Output, actual.Output);
        Assert.Equal(expected.Errors, actual.Errors);
        Assert.Equal(expected.Rows, actual.Rows);
        Assert.Equal(
            (expected.Tally.Completed, expected.Tally.Failed, expected.Tally.CostNanos),
            (actual.Tally.Completed, actual.Tally.Failed, actual.Tally.CostNanos));
    }

    // Row 4 answers first, with a large body; 2 and 1 are refused; 3 is cut off by a cancel.
    private void RunMixedShard()
    {
        _scene.Options.MaxRounds = 1;
        _scene.Upstreams.Answer = call => call.Held();
        using var run = _scene.Start();
        _scene.Turns.TakeAll();
        foreach (var row in (int[])[4, 2, 0, 1])
        {
            _scene.Upstreams.Calls[row].End(row switch
            {
                4 => FakeUpstreams.Good(LargeAnswer),
                0 => FakeUpstreams.Good(),
                _ => FakeUpstreams.Bad(500),
            });
            _scene.Turns.TakeAll();
        }

        run.Runner.Stop(ShardOutcome.Cancelled, TimeSpan.Zero);
        _scene.Clock.Advance(TimeSpan.Zero);
        Assert.Equal(ShardRunResult.Sealed, _scene.Turns.Result(run.End).Result);
    }

    private ShardEnd Stage()
    {
        var order = _scene.Order;
        return _scene.Turns.Run(async () =>
        {
            using var input = await ShardInput.LoadAsync(_scene.Blobs, order.InputBlob, order.Slice, CancellationToken.None);
            var ledger = new ShardLedger(0, Rows);
            var journal = new ShardJournal(_scene.Journals, order.Journal, ledger, _scene.Clock);
            Assert.Equal(JournalState.Sealed, await journal.CatchUpAsync(CancellationToken.None));
            var staging = new ShardStaging(_scene.Journals, _scene.Blobs);
            return await staging.StageAsync(order, input, ledger, journal.Position, ledger.Outcome, CancellationToken.None);
        });
    }

    private string[] LinesOf(string name) => Encoding.UTF8.GetString(
            [.. _scene.Blobs.Staged.Where(part => part.Key.Name == name).OrderBy(part => part.Key.Block, StringComparer.Ordinal).SelectMany(part => part.Value)])
        .Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private IEnumerable<int> RowsOf(string name) =>
        LinesOf(name).Select(line => Enumerable.Range(0, Rows).Single(row => line.Contains($"\"row-{row}\"", StringComparison.Ordinal)));
}
