using Phaseo.Orleans.Batches.Journals;
using Phaseo.Orleans.Batches.Shards;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Batches.Shards;

public sealed class ShardRecorderTests : IAsyncDisposable
{
    private const int Rows = 3;

    private readonly EmbeddedHome _home = new();
    private readonly HeldAppends _appends;
    private readonly ShardJournal _journal;
    private readonly ShardRecorder _recorder;

    public ShardRecorderTests()
    {
        var order = new ShardOrder
        {
            Workspace = "ws",
            Batch = "batch_1",
            Shard = 0,
            Epoch = 1,
            Slice = new(0, 0, 0, Rows, 1),
            InputBlob = "",
            Endpoint = "/v1/chat/completions",
            Policy = new(),
            Calls = 1,
            Remaining = TimeSpan.FromHours(1),
        };
        _appends = new(_home.Journals);
        _journal = new(_appends, order.Journal, new(0, Rows), TimeProvider.System);
        _recorder = new(order, _journal, _home.Blobs, TimeProvider.System);
    }

    [Fact]
    public Task Two_that_wait_for_a_flush_append_one_after_the_other() => InOneSchedulerAsync(async () =>
    {
        await _home.Journals.CreateAsync(new("ws", "batch_1", 0), TestContext.Current.CancellationToken);
        await _journal.FenceAsync(1, TestContext.Current.CancellationToken);
        _appends.Hold();
        await RecordAsync(0);
        var first = _recorder.FlushAsync();
        await RecordAsync(1);
        Task[] others = [_recorder.FlushAsync(), _recorder.FlushAsync()];

        // A row that ends just when the second append starts: before, the next to wake took the pen from it.
        _appends.Started = () => RecordAsync(2).AsTask();
        _appends.Release();
        await Task.WhenAll([first, .. others]).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.Equal(1, _appends.MostAtOnce);
        Assert.Equal(Rows, _journal.Ledger.Recorded);
    });

    [Fact]
    public Task Flush_ends_when_what_was_recorded_before_it_is_in() => InOneSchedulerAsync(async () =>
    {
        await _home.Journals.CreateAsync(new("ws", "batch_1", 0), TestContext.Current.CancellationToken);
        await _journal.FenceAsync(1, TestContext.Current.CancellationToken);
        _appends.Hold();
        await RecordAsync(0);
        var first = _recorder.FlushAsync();
        await RecordAsync(1);
        var second = _recorder.FlushAsync();
        var third = _recorder.FlushAsync();

        var recorded = third.ContinueWith(
            _ => _journal.Ledger.Recorded, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Current);
        _appends.Release();

        Assert.Equal(2, await recorded.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        await Task.WhenAll(first, second);
    });

    public ValueTask DisposeAsync() => _home.DisposeAsync();

    // As in a grain: one thing at a time.
    private static Task InOneSchedulerAsync(Func<Task> test) => Task.Factory.StartNew(
        test, CancellationToken.None, TaskCreationOptions.None, new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler).Unwrap();

    private ValueTask RecordAsync(int row) =>
        _recorder.ResultAsync(new(row, ResultFile.Output, 200, 1, 0, false, "p", "m", "", default), "{}\n"u8.ToArray());

    /// <summary>A journal store whose appends wait until they are released.</summary>
    private sealed class HeldAppends(IJournalStore store) : IJournalStore
    {
        private readonly TaskCompletionSource _released = new();
        private bool _hold;
        private int _now;

        public int MostAtOnce { get; private set; }

        /// <summary>Called once, by the next append.</summary>
        public Func<Task>? Started { get; set; }

        public void Hold() => _hold = true;

        public void Release() => _released.SetResult();

        public async Task<AppendResult> AppendAsync(JournalId id, long position, ReadOnlyMemory<byte> flush, CancellationToken cancellation)
        {
            MostAtOnce = Math.Max(MostAtOnce, ++_now);
            if (Started is { } started)
            {
                Started = null;
                await started();
            }

            await (_hold ? _released.Task : Task.CompletedTask);
            var result = await store.AppendAsync(id, position, flush, cancellation);
            _now--;
            return result;
        }

        public Task<bool> CreateAsync(JournalId id, CancellationToken cancellation) => store.CreateAsync(id, cancellation);

        public Task<Stream?> OpenReadAsync(JournalId id, long position, CancellationToken cancellation) =>
            store.OpenReadAsync(id, position, cancellation);

        public Task<long?> GetLengthAsync(JournalId id, CancellationToken cancellation) => store.GetLengthAsync(id, cancellation);

        public Task DeleteAsync(JournalId id, CancellationToken cancellation) => store.DeleteAsync(id, cancellation);
    }
}
