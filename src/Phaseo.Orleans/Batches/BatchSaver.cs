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
    private long _applied;
    private long _written;
    private Task? _writing;
    private bool _isUnsure;

    /// <summary>The state as storage has it: what clients are shown.</summary>
    public BatchState Saved { get; private set; } = storage.State;

    /// <summary>The state with all that has happened since.</summary>
    public BatchState Working { get; private set; } = storage.State;

    /// <summary>Whether something has happened that is not saved.</summary>
    public bool IsDirty => _applied != _written;

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
        if (_isUnsure)
        {
            await ReadBackAsync(null);
        }

        var upTo = _applied;
        var next = Working with { Version = Saved.Version + 1, Operation = Guid.NewGuid().ToString("N") };
        storage.State = next;
        try
        {
            await storage.WriteStateAsync();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            if (!await ReadBackAsync(next.Operation, e))
            {
                throw new StorageUnavailableException("The batch's state could not be written.", e);
            }
        }

        Saved = next;
        _written = upTo;
    }

    // Whose write is in storage: the one that seemed to fail, the one before it, or a stranger's?
    private async Task<bool> ReadBackAsync(string? operation, Exception? cause = null)
    {
        _isUnsure = true;
        try
        {
            await storage.ReadStateAsync();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            storage.State = Saved;
            Forget(Saved);
            throw new StorageUnavailableException("The batch's state could not be read back.", cause ?? e);
        }

        _isUnsure = false;
        if (operation is not null && storage.State.Operation == operation)
        {
            return true;
        }

        var isOurs = storage.State.Operation == Saved.Operation;
        Saved = isOurs ? Saved : storage.State;
        if (operation is not null || !isOurs)
        {
            Forget(Saved);
        }

        return isOurs ? false : throw new InconsistentStateException("Another activation writes this batch.", cause);
    }

    private void Forget(BatchState state)
    {
        Working = state;
        _written = _applied;
    }
}
