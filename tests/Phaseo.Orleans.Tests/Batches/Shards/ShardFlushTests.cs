using System.Text;
using Microsoft.Extensions.Time.Testing;
using Phaseo.Orleans.Batches.Journals;
using Phaseo.Orleans.Batches.Shards;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Batches.Shards;

public sealed class ShardFlushTests : IDisposable
{
    private const int Rows = 200;
    private static readonly JournalId Id = new("ws", "batch_1", 0);
    private readonly Turns _turns = new();
    private readonly MemoryJournals _journals = new();
    private readonly MemoryBlobs _blobs = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly ShardJournal _journal;
    private readonly ShardRecorder _recorder;
    private TaskCompletionSource? _held;

    public ShardFlushTests()
    {
        var order = new ShardOrder
        {
            Workspace = Id.Workspace,
            Batch = Id.Batch,
            Shard = Id.Shard,
            Epoch = 1,
            Slice = new(0, 0, 0, Rows, 1),
            InputBlob = "",
            Endpoint = "/v1/chat/completions",
            Policy = new(),
            Calls = 1,
            Remaining = TimeSpan.FromHours(1),
        };
        _journals[Id] = [];
        _journal = new(_journals, Id, new(0, Rows), _clock);
        _recorder = new(order, _journal, _blobs, _clock);
        _turns.Run(() => _journal.FenceAsync(1, CancellationToken.None));
    }

    private IEnumerable<string> Flushes => _journals.Text(Id).Skip(1);

    private int Appended => Flushes.Count();

    [Fact]
    public void Sixty_four_results_are_appended_and_sixty_three_wait()
    {
        Record(0, 63);
        Assert.Equal(0, Appended);

        Record(63, 1);

        Assert.Equal(1, Appended);
        Assert.Equal(64, _journal.Ledger.Recorded);
    }

    [Fact]
    public void Results_of_256_KiB_are_appended()
    {
        Record(0, 3, length: 80 * 1024);
        Assert.Equal(0, Appended);

        Record(3, 1, length: 80 * 1024);

        Assert.Equal(1, Appended);
    }

    [Fact]
    public void Results_are_due_a_second_after_the_first_of_them_came()
    {
        Assert.Null(_recorder.DueIn);
        Record(0, 1);
        _clock.Advance(TimeSpan.FromMilliseconds(600));
        Record(1, 1);

        Assert.Equal(TimeSpan.FromMilliseconds(400), _recorder.DueIn);
    }

    [Fact]
    public void While_an_append_runs_one_more_flush_fills_and_then_it_is_full()
    {
        HoldAppends();
        Record(0, 64);
        Record(64, 63);
        Assert.False(_recorder.IsFull);
        Record(127, 1);
        Assert.True(_recorder.IsFull);

        ReleaseAppends();

        Assert.False(_recorder.IsFull);
        Assert.Equal(128, _journal.Ledger.Recorded);
        Assert.Equal(2, Appended);
    }

    [Fact]
    public void What_became_old_while_an_append_ran_goes_out_when_it_ends()
    {
        HoldAppends();
        Record(0, 64);
        Record(64, 1);
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Null(_recorder.DueIn);

        ReleaseAppends();

        Assert.Equal(65, _journal.Ledger.Recorded);
    }

    [Fact]
    public void What_came_while_an_append_ran_and_is_not_old_is_due_when_it_is()
    {
        HoldAppends();
        Record(0, 64);
        Record(64, 1);
        _clock.Advance(TimeSpan.FromMilliseconds(300));
        var told = 0;
        _recorder.Filling = () => told++;

        ReleaseAppends();

        Assert.Equal((1, TimeSpan.FromMilliseconds(700)), (told, _recorder.DueIn));
        Assert.Equal(64, _journal.Ledger.Recorded);
    }

    [Fact]
    public void Large_line_is_kept_elsewhere_and_cited_by_the_hash_of_its_content()
    {
        Record(0, 1, length: 5 * 1024 * 1024);
        Record(1, 1, length: 5 * 1024 * 1024);
        _turns.Run(_recorder.FlushAsync);

        Assert.Equal(["1: result 0 elsewhere, result 1 elsewhere"], Flushes);
        var lines = new JournalLines(_journals, _blobs, Id);
        var read = _turns.Run(() => lines.ReadAsync(_journal.Ledger[1].Line, CancellationToken.None));
        Assert.Equal(Line(5 * 1024 * 1024), Encoding.ASCII.GetString(read));
        Assert.Single(_blobs.Names);
    }

    [Fact]
    public void Result_is_not_appended_before_its_large_line_is_stored()
    {
        var stored = new TaskCompletionSource();
        _blobs.OnPut = _ => stored.Task;
        var recording = _turns.Start(() => _recorder.ResultAsync(Result(0), Encoding.ASCII.GetBytes(Line(2 * 1024 * 1024))).AsTask());
        _turns.TakeAll();
        _turns.Run(_recorder.FlushAsync);
        Assert.Equal(0, Appended);

        stored.SetResult();
        _turns.Until("recorded", () => recording.IsCompleted);
        _turns.Run(_recorder.FlushAsync);

        Assert.Equal(["1: result 0 elsewhere"], Flushes);
    }

    [Fact]
    public void No_append_is_larger_than_one_may_be_however_much_comes_while_another_runs()
    {
        HoldAppends();
        Record(0, 1, length: 1_000_000);
        Record(1, 16, length: 1_000_000);

        ReleaseAppends();
        _turns.Run(_recorder.FlushAsync);

        Assert.Equal(17, _journal.Ledger.Recorded);
        var ledger = new ShardLedger(0, Rows);
        var lines = new JournalLines(_journals, _blobs, Id);
        _turns.Run(() => new ShardJournal(_journals, Id, ledger, _clock).CatchUpAsync(CancellationToken.None));
        for (var row = 0; row < 17; row++)
        {
            var entry = ledger[row];
            var line = _turns.Run(() => lines.ReadAsync(entry.Line, CancellationToken.None));
            Assert.Equal(Line(1_000_000, row % 26), Encoding.ASCII.GetString(line));
        }
    }

    [Fact]
    public void Of_two_that_fill_one_flush_neither_is_recorded_with_the_others_line()
    {
        HoldAppends();
        Record(0, 1, length: 300_000);
        Record(1, 5, length: 700_000);
        var stored = new TaskCompletionSource();
        _blobs.OnPut = _ => stored.Task;

        // The maker of lines uses its memory again as soon as the call that was given the line returns.
        var memory = Encoding.ASCII.GetBytes(Line(400_000, 6));
        var recording = _turns.Start(() => _recorder.ResultAsync(Result(6), memory).AsTask());
        _turns.TakeAll();
        memory.AsSpan().Fill((byte)'!');
        stored.SetResult();
        _turns.Until("recorded", () => recording.IsCompleted);
        ReleaseAppends();
        _turns.Run(_recorder.FlushAsync);

        var entry = _journal.Ledger[6];
        var line = _turns.Run(() => new JournalLines(_journals, _blobs, Id).ReadAsync(entry.Line, CancellationToken.None));
        Assert.Equal(Line(400_000, 6), Encoding.ASCII.GetString(line));
    }

    public void Dispose() => _turns.Dispose();

    private static RowResult Result(int row) => RowResult.None with { Row = row };

    private static string Line(int length, int row = 0) => new string((char)('a' + row), length - 1) + "\n";

    private void Record(int first, int count, int length = 3)
    {
        for (var row = first; row < first + count; row++)
        {
            var (result, line) = (Result(row), Encoding.ASCII.GetBytes(Line(length, length > 1_048_576 ? 0 : row % 26)));
            _turns.Run(() => _recorder.ResultAsync(result, line).AsTask());
        }
    }

    private void HoldAppends()
    {
        _held = new();
        _journals.OnAppend = async append =>
        {
            await _held.Task;
            return append.CarryOut();
        };
    }

    private void ReleaseAppends()
    {
        _held!.SetResult();
        _turns.TakeAll();
    }
}
