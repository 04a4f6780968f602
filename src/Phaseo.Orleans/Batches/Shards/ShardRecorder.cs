using System.IO.Hashing;
using System.Text;
using Phaseo.Orleans.Batches.Journals;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Batches.Shards;

/// <summary>
/// Gathers a shard's records and appends them in groups, one append at a time: at 64 results, 256 KiB or after a
/// second. While one group is being appended the next one fills; when that is full too, no further call may start.
/// </summary>
/// <remarks>Used from one scheduler only: no locks.</remarks>
internal sealed class ShardRecorder(ShardOrder order, ShardJournal journal, IBlobStore blobs, TimeProvider time) : IDisposable
{
    /// <summary>The longest that a result waits for company.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(1);

    private const int FullResults = 64;
    private const int FullBytes = 256 * 1024;
    private const int ExternalFrom = 1024 * 1024;

    // The rest is for the other fields of the records, some hundred bytes each.
    private const int MostLineBytes = JournalFrame.MaxSize - (512 * 1024);

    private JournalWriter _filling = new();
    private JournalWriter _spare = new();
    private Task? _appending;
    private long _firstAt;

    /// <summary>
    /// Called when the first record of a flush comes, and when the append that a flush had to wait for is in: from now
    /// on <see cref="DueIn"/> counts.
    /// </summary>
    public Action? Filling { get; set; }

    /// <summary>Called after every append that is in.</summary>
    public Action? Flushed { get; set; }

    /// <summary>Called once when this writer is no longer in charge.</summary>
    public Action? Lost { get; set; }

    /// <summary>How it came that this writer is no longer in charge; open while it is.</summary>
    public JournalState State { get; private set; } = JournalState.Open;

    /// <summary>Whether so much is unrecorded that no call may start.</summary>
    public bool IsFull => _appending is not null && IsDue(_filling);

    /// <summary>When the oldest record must go out; null when there is none, or none can before the running append has ended.</summary>
    public TimeSpan? DueIn => _filling.IsEmpty || _appending is not null ? null : MaxAge - time.GetElapsedTime(_firstAt);

    /// <summary>Records a row's outcome. In memory until the next append.</summary>
    public async ValueTask ResultAsync(RowResult result, ReadOnlyMemory<byte> line)
    {
        var external = await PutIfLargeAsync(line);
        Started();
        _filling.Result(result, (external ?? line).Span, external is not null);
        FlushIfDue();
    }

    /// <summary>Records that a row has to wait.</summary>
    public async ValueTask AttemptAsync(RowAttempt attempt, ReadOnlyMemory<byte> line)
    {
        var external = await PutIfLargeAsync(line);
        Started();
        _filling.Attempt(attempt, (external ?? line).Span, external is not null);
        FlushIfDue();
    }

    /// <summary>Records that a row's call is about to start, and waits until that is durable.</summary>
    public Task TryingAsync(int row)
    {
        Started();
        _filling.Trying(row);
        return FlushAsync();
    }

    /// <summary>Records that this writer stops on purpose, and waits until all is durable.</summary>
    public Task PauseAsync()
    {
        Started();
        _filling.Pause();
        return FlushAsync();
    }

    /// <summary>Ends the journal, and waits until all is durable.</summary>
    public Task SealAsync(ShardOutcome outcome)
    {
        Started();
        _filling.Seal(outcome);
        return FlushAsync();
    }

    /// <summary>Waits until all that was recorded is durable, or this writer is no longer in charge.</summary>
    public async Task FlushAsync()
    {
        // After every wait somebody else who waited may have started the next append: look again.
        while (State == JournalState.Open)
        {
            if (_appending is { } running)
            {
                await running;
            }
            else if (_filling.IsEmpty)
            {
                return;
            }
            else
            {
                StartAppend();
            }
        }
    }

    /// <summary>
    /// Gives the memory back, unless an append that nobody waits for any more still reads it: when that ends, what has
    /// filled up meanwhile is appended too. On the scheduler that everything else here runs on.
    /// </summary>
    public void Dispose()
    {
        if (_appending is null)
        {
            _filling.Dispose();
            _spare.Dispose();
        }
    }

    private static bool IsDue(JournalWriter writer) => writer.Results >= FullResults || writer.Length >= FullBytes;

    private void Started()
    {
        if (_filling.IsEmpty)
        {
            _firstAt = time.GetTimestamp();
            Filling?.Invoke();
        }
    }

    private void FlushIfDue()
    {
        if (_appending is null && IsDue(_filling) && State == JournalState.Open)
        {
            StartAppend();
        }
    }

    private void StartAppend()
    {
        (_filling, _spare) = (_spare, _filling);
        var running = AppendAsync(_spare);
        if (!running.IsCompleted)
        {
            _appending = running;
        }
    }

    private async Task AppendAsync(JournalWriter flush)
    {
        FailPoint.Reach("K8");
        var state = await journal.AppendAsync(flush, CancellationToken.None);
        FailPoint.Reach("K9");
        flush.Clear();
        _appending = null;
        if (state != JournalState.Open && State == JournalState.Open)
        {
            // A seal of our own is read back as sealed only by others; here it means that somebody else closed it.
            State = state;
            Lost?.Invoke();
        }

        AppendNext();
        Flushed?.Invoke();
    }

    // What filled up or grew old while the append ran goes out now.
    private void AppendNext()
    {
        if (_filling.IsEmpty || State != JournalState.Open)
        {
            return;
        }

        if (IsDue(_filling) || DueIn <= TimeSpan.Zero)
        {
            StartAppend();
        }
        else
        {
            Filling?.Invoke();
        }
    }

    // Lines that would make an append larger than storage takes are kept elsewhere.
    private async ValueTask<ReadOnlyMemory<byte>?> PutIfLargeAsync(ReadOnlyMemory<byte> line)
    {
        if (line.Length < ExternalFrom && _filling.Length + line.Length <= MostLineBytes)
        {
            return null;
        }

        // The memory of a line that is not large is used again while this one is being stored.
        var kept = line.Length < ExternalFrom ? line.ToArray() : line;
        var hash = Convert.ToHexStringLower(XxHash128.Hash(kept.Span));
        var name = BlobNames.Work(order.Workspace, order.Batch, hash);
        await StorageRetry.UntilAnsweredAsync(time, token => blobs.PutAsync(name, kept, token), CancellationToken.None);
        return Encoding.ASCII.GetBytes(name);
    }
}
