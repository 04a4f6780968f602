using Phaseo.Orleans.Batches.Journals;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Cli;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Batches.Journals;

public sealed class ShardJournalTests
{
    private const int Rows = 4;
    private static readonly JournalId Id = new("ws", "batch_1", 0);
    private readonly MemoryJournals _store = new();
    private readonly List<JournalAppend> _asked = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IReadOnlyList<string> Journal => _store.Text(Id);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Append_whose_answer_was_lost_is_in_once(bool carriedOut)
    {
        var writer = await FencedAsync(epoch: 1);
        LoseNextAnswer(carriedOut);

        var state = await writer.AppendAsync(Results(0, 1), Cancel);

        Assert.Equal(JournalState.Open, state);
        Assert.Equal(["1: fence", "1: result 0, result 1"], Journal);
        Assert.Equal((2, _store[Id].Length), (writer.Ledger.Recorded, (int)writer.Position));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Fence_whose_answer_was_lost_is_in_once(bool carriedOut)
    {
        await _store.CreateAsync(Id, Cancel);
        LoseNextAnswer(carriedOut);

        await FencedAsync(epoch: 1);

        Assert.Equal(["1: fence"], Journal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Seal_whose_answer_was_lost_is_this_writers_own(bool carriedOut)
    {
        var writer = await FencedAsync(epoch: 1);
        LoseNextAnswer(carriedOut);

        var state = await writer.AppendAsync(Seal(), Cancel);

        Assert.Equal(JournalState.Open, state);
        Assert.Equal(["1: fence", "1: seal Cancelled"], Journal);
        Assert.Equal(ShardOutcome.Cancelled, writer.Ledger.Outcome);
    }

    [Fact]
    public async Task Until_an_append_is_settled_the_same_bytes_go_to_the_same_position()
    {
        var writer = await FencedAsync(epoch: 1);
        var left = 3;
        _store.OnAppend = append =>
        {
            _asked.Add(append);
            return left-- > 0 ? throw new StorageUnavailableException("No answer.") : Task.FromResult(append.CarryOut());
        };

        await writer.AppendAsync(Results(0), Cancel);

        Assert.Equal(4, _asked.Count);
        Assert.All(_asked, append => Assert.Equal(_asked[0].Position, append.Position));
        Assert.All(_asked, append => Assert.Equal(_asked[0].Bytes, append.Bytes));
    }

    [Fact]
    public async Task Append_that_is_carried_out_before_its_repetition_is_in_once()
    {
        var writer = await FencedAsync(epoch: 1);
        _store.OnAppend = append =>
        {
            _asked.Add(append);
            if (_asked.Count == 1)
            {
                throw new StorageUnavailableException("Delayed.");
            }

            _asked[0].CarryOut();
            return Task.FromResult(append.CarryOut());
        };

        var first = await writer.AppendAsync(Results(0), Cancel);
        var second = await writer.AppendAsync(Results(1), Cancel);

        Assert.Equal((JournalState.Open, JournalState.Open), (first, second));
        Assert.Equal(["1: fence", "1: result 0", "1: result 1"], Journal);
    }

    [Fact]
    public async Task Append_that_is_refused_though_nothing_stands_there_is_tried_again()
    {
        var writer = await FencedAsync(epoch: 1);
        var tries = 0;
        _store.OnAppend = append => Task.FromResult(++tries == 1 ? AppendResult.PositionTaken : append.CarryOut());

        var state = await writer.AppendAsync(Results(0, 1), Cancel);

        Assert.Equal(JournalState.Open, state);
        Assert.Equal(["1: fence", "1: result 0, result 1"], Journal);
    }

    [Fact]
    public async Task Append_that_comes_in_while_its_refusal_is_looked_at_is_this_writers_own()
    {
        var writer = await FencedAsync(epoch: 1);
        JournalAppend? late = null;
        var reads = 0;
        _store.OnAppend = append =>
        {
            late ??= append;
            return Task.FromResult(AppendResult.PositionTaken);
        };
        _store.OnRead = () =>
        {
            if (++reads == 2)
            {
                late!.CarryOut();
            }

            return Task.CompletedTask;
        };

        var state = await writer.AppendAsync(Results(0, 1), Cancel);

        Assert.Equal(JournalState.Open, state);
        Assert.Equal(["1: fence", "1: result 0, result 1"], Journal);
        Assert.Equal(2, writer.Ledger.Recorded);
    }

    [Fact]
    public async Task Append_that_is_carried_out_after_its_repetition_changes_nothing()
    {
        var writer = await FencedAsync(epoch: 1);
        LoseNextAnswer(carriedOut: false);
        await writer.AppendAsync(Results(0), Cancel);

        var late = _asked[0].CarryOut();

        Assert.Equal(AppendResult.PositionTaken, late);
        Assert.Equal(JournalState.Open, await writer.AppendAsync(Results(1), Cancel));
        Assert.Equal(["1: fence", "1: result 0", "1: result 1"], Journal);
    }

    [Fact]
    public async Task Append_of_an_earlier_writer_that_comes_before_the_fence_counts_and_is_fenced_behind()
    {
        var earlier = await FencedAsync(epoch: 1);
        _store.OnAppend = async append =>
        {
            // Between the new writer's last look and its fence.
            _store.OnAppend = next => Task.FromResult(next.CarryOut());
            Assert.Equal(JournalState.Open, await earlier.AppendAsync(Results(0), Cancel));
            return append.CarryOut();
        };

        var later = await FencedAsync(epoch: 2);

        Assert.Equal(["1: fence", "1: result 0", "2: fence"], Journal);
        Assert.Equal((1, 2), (later.Ledger.Recorded, (int)later.Ledger.Epoch));
        Assert.Equal(JournalState.Open, await later.AppendAsync(Results(1), Cancel));
    }

    [Fact]
    public async Task Append_of_an_earlier_writer_that_comes_after_the_fence_is_refused()
    {
        var earlier = await FencedAsync(epoch: 1);
        await FencedAsync(epoch: 2);

        var state = await earlier.AppendAsync(Results(0), Cancel);

        Assert.Equal(JournalState.Fenced, state);
        Assert.Equal(["1: fence", "2: fence"], Journal);
        Assert.Equal(0, earlier.Ledger.Recorded);
    }

    [Fact]
    public async Task Append_that_is_in_and_then_fenced_off_is_this_writers_last()
    {
        var earlier = await FencedAsync(epoch: 1);
        _store.OnAppend = async append =>
        {
            append.CarryOut();
            _store.OnAppend = next => Task.FromResult(next.CarryOut());
            await FencedAsync(epoch: 2);
            throw new StorageUnavailableException("The answer was lost.");
        };

        Assert.Equal(JournalState.Open, await earlier.AppendAsync(Results(0), Cancel));
        Assert.Equal(JournalState.Fenced, await earlier.AppendAsync(Results(1), Cancel));

        Assert.Equal(["1: fence", "1: result 0", "2: fence"], Journal);
    }

    [Fact]
    public async Task Of_two_with_one_epoch_the_second_is_fenced_off()
    {
        var first = await FencedAsync(epoch: 3);
        var second = Writer();

        var state = await second.FenceAsync(3, Cancel);

        Assert.Equal(JournalState.Fenced, state);
        Assert.Equal(JournalState.Open, await first.AppendAsync(Results(0), Cancel));
        Assert.Equal(["3: fence", "3: result 0"], Journal);
    }

    [Fact]
    public async Task Of_two_with_one_epoch_that_fence_at_once_one_is_fenced_off()
    {
        await _store.CreateAsync(Id, Cancel);
        var (first, second) = (Writer(), Writer());
        _store.OnAppend = async append =>
        {
            _store.OnAppend = next => Task.FromResult(next.CarryOut());
            Assert.Equal(JournalState.Open, await second.FenceAsync(3, Cancel));
            return append.CarryOut();
        };

        var state = await first.FenceAsync(3, Cancel);

        Assert.Equal(JournalState.Fenced, state);
        Assert.Equal(["3: fence"], Journal);
    }

    [Fact]
    public async Task Fence_under_a_lower_epoch_is_not_even_tried()
    {
        await FencedAsync(epoch: 5);
        var late = Writer();

        var state = await late.FenceAsync(4, Cancel);

        Assert.Equal(JournalState.Fenced, state);
        Assert.Equal(["5: fence"], Journal);
    }

    [Fact]
    public async Task Writer_whose_journal_another_one_sealed_learns_that_it_is_over()
    {
        var earlier = await FencedAsync(epoch: 1);
        var closer = await FencedAsync(epoch: 2);
        await closer.AppendAsync(Seal(), Cancel);

        var state = await earlier.AppendAsync(Results(0), Cancel);

        Assert.Equal(JournalState.Sealed, state);
        Assert.Equal(["1: fence", "2: fence", "2: seal Cancelled"], Journal);
    }

    [Fact]
    public async Task Sealed_journal_is_not_fenced()
    {
        var writer = await FencedAsync(epoch: 1);
        await writer.AppendAsync(Seal(), Cancel);

        Assert.Equal(JournalState.Sealed, await Writer().FenceAsync(2, Cancel));
        Assert.Equal(["1: fence", "1: seal Cancelled"], Journal);
    }

    [Fact]
    public async Task Missing_journal_is_not_made()
    {
        Assert.Equal(JournalState.Missing, await Writer().FenceAsync(1, Cancel));
        Assert.Null(await _store.GetLengthAsync(Id, Cancel));
    }

    [Fact]
    public async Task Writer_whose_journal_is_gone_learns_that_it_is_over()
    {
        var writer = await FencedAsync(epoch: 1);
        await _store.DeleteAsync(Id, Cancel);

        Assert.Equal(JournalState.Missing, await writer.AppendAsync(Results(0), Cancel));
        Assert.Null(await _store.GetLengthAsync(Id, Cancel));
    }

    [Fact]
    public async Task Journal_that_goes_between_a_refusal_and_the_look_at_it_is_over()
    {
        var earlier = await FencedAsync(epoch: 1);
        await FencedAsync(epoch: 2);
        _store.OnRead = () => _store.DeleteAsync(Id, Cancel);

        Assert.Equal(JournalState.Missing, await earlier.AppendAsync(Results(0), Cancel));
    }

    [Fact]
    public async Task Outage_while_a_refusal_is_looked_at_is_waited_out()
    {
        var earlier = await FencedAsync(epoch: 1);
        await FencedAsync(epoch: 2);
        var left = 3;
        _store.OnRead = () => left-- > 0 ? throw new StorageUnavailableException("No answer.") : Task.CompletedTask;

        Assert.Equal(JournalState.Fenced, await earlier.AppendAsync(Results(0), Cancel));
    }

    private static JournalWriter Results(params int[] rows)
    {
        var flush = new JournalWriter();
        foreach (var row in rows)
        {
            flush.Result(RowResult.None with { Row = row }, "{}\n"u8, external: false);
        }

        return flush;
    }

    private static JournalWriter Seal()
    {
        var flush = new JournalWriter();
        flush.Seal(ShardOutcome.Cancelled);
        return flush;
    }

    private ShardJournal Writer() => new(_store, Id, new(0, Rows), new ImpatientTime());

    private async Task<ShardJournal> FencedAsync(long epoch)
    {
        await _store.CreateAsync(Id, Cancel);
        var writer = Writer();
        Assert.Equal(JournalState.Open, await writer.FenceAsync(epoch, Cancel));
        return writer;
    }

    private void LoseNextAnswer(bool carriedOut) => _store.OnAppend = append =>
    {
        _store.OnAppend = next => Task.FromResult(next.CarryOut());
        _asked.Add(append);
        if (carriedOut)
        {
            append.CarryOut();
        }

        throw new StorageUnavailableException("The answer was lost.");
    };
}
