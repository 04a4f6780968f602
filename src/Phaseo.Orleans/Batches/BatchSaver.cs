using System.Text.Json;
using Orleans.Storage;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Batches;

/// <summary>
/// Keeps a batch's working state beside its last saved one, and writes one after the other: saved before shown. All
/// that changed while a write ran goes out with the next one.
/// </summary>
/// <remarks>Used from one scheduler only.</remarks>
internal sealed class BatchSaver(IPersistentState<BatchState> storage)
{
    /// <summary>A state may have this many bytes as JSON: every home of storage holds it in one row.</summary>
    public const int MaxStoredBytes = 60 * 1024;

    /// <summary>Of these, so many are kept free for a change of status: a batch that is full can still be cancelled and end.</summary>
    public const int ReservedBytes = 1024;

    private long _applied;
    private long _written;
    private Task? _writing;
    private string? _unsure;

    /// <summary>The state as storage has it: what clients are shown.</summary>
    public BatchState Saved { get; private set; } = storage.State;

    /// <summary>The state with all that has happened since.</summary>
    public BatchState Working { get; private set; } = storage.State;

    /// <summary>Whether something has happened that is not saved.</summary>
    public bool IsDirty => _applied != _written;

    /// <summary>Bytes of the state that was last made ready for storage; 0 before the first.</summary>
    public int StoredBytes { get; private set; }

    /// <summary>Takes in what happened; false: it changes nothing.</summary>
    public bool Apply(BatchEvent change)
    {
        var after = BatchTransitions.Apply(Working, change);
        if (ReferenceEquals(after, Working))
        {
            return false;
        }

        Working = after;
        _applied++;
        return true;
    }

    /// <summary>
    /// Waits until all that has been taken in is saved. When a write fails, all of it is forgotten: whoever told it
    /// tells it again.
    /// </summary>
    /// <exception cref="InconsistentStateException">Another activation writes this batch: this one has to go.</exception>
    /// <exception cref="StorageUnavailableException">It is not known whether it is saved.</exception>
    /// <exception cref="InvalidOperationException">The state would have more than <see cref="MaxStoredBytes"/>, or its reserve would go.</exception>
    public async Task SaveAsync()
    {
        var target = _applied;
        while (_written < target)
        {
            if (_writing is { } running)
            {
                await running;
                continue;
            }

            // Whoever waits for this write must find the place free when it is over, in whatever order they go on.
            var write = WriteAndFreeAsync();
            _writing = write.IsCompleted ? null : write;
            await write;
        }
    }

    private async Task WriteAndFreeAsync()
    {
        try
        {
            await WriteAsync();
        }
        finally
        {
            _writing = null;
        }
    }

    private async Task WriteAsync()
    {
        if (_unsure is { } lost)
        {
            await SettleAsync(lost);
        }

        var upTo = _applied;
        var next = Working with { Version = Saved.Version + 1, Operation = Guid.NewGuid().ToString("N") };
        Measure(next);
        storage.State = next;
        try
        {
            await storage.WriteStateAsync();
        }
        catch (Exception e)
        {
            // Nobody can cancel a write: a cancellation is the client's time-out, and an answer that was lost.
            if (!await IsStoredAsync(next.Operation, e))
            {
                Forget();
                throw new StorageUnavailableException("The batch's state could not be written.", e);
            }
        }

        Saved = next;
        _written = upTo;
    }

    private void Measure(BatchState next)
    {
        StoredBytes = JsonSerializer.SerializeToUtf8Bytes(next, GrainStateJson.Options).Length;
        var max = next.Status == Saved.Status ? MaxStoredBytes - ReservedBytes : MaxStoredBytes;
        if (StoredBytes > max)
        {
            Forget();
            throw new InvalidOperationException($"The state of {next.Id} would have {StoredBytes} bytes; it may have {max}.");
        }
    }

    // An earlier write was neither confirmed nor seen: was it applied after all? Then what was told since was taken
    // into a state that is no longer the last one, and has to be told again.
    private async Task SettleAsync(string lost)
    {
        if (await IsStoredAsync(lost, null))
        {
            Saved = storage.State;
            Forget();
            throw new StorageUnavailableException("An earlier write of the batch's state was applied after all.");
        }
    }

    // Whose write is in storage: the one that seemed to fail, the one before it, or a stranger's?
    private async Task<bool> IsStoredAsync(string operation, Exception? cause)
    {
        _unsure = operation;
        try
        {
            await storage.ReadStateAsync();
        }
        catch (Exception e)
        {
            storage.State = Saved;
            Forget();
            throw new StorageUnavailableException("The batch's state could not be read back.", cause ?? e);
        }

        _unsure = null;
        if (storage.State.Operation == operation || storage.State.Operation == Saved.Operation)
        {
            return storage.State.Operation == operation;
        }

        Saved = storage.State;
        Forget();
        throw new InconsistentStateException("Another activation writes this batch.", cause);
    }

    private void Forget()
    {
        Working = Saved;
        _written = _applied;
    }
}
