namespace Phaseo.Orleans.Batches.Shards;

/// <summary>A signal that one waits for and many give; given while nobody waits it is not lost. For one strand.</summary>
internal sealed class Wakeup(TimeProvider time)
{
    private TaskCompletionSource _given = New();

    /// <summary>Gives the signal.</summary>
    public void Set() => _given.TrySetResult();

    /// <summary>Waits for the signal, at most so long, and takes it.</summary>
    public async Task WaitAsync(TimeSpan? limit)
    {
        // The limit gives the signal itself. Waiting for either of two tasks, or cancelling the other, would take a
        // thread of the pool that is not the strand's.
        var given = _given;
        if (!given.Task.IsCompleted && limit is not { Ticks: <= 0 })
        {
            using var timer = limit is { } most
                ? time.CreateTimer(static signal => ((TaskCompletionSource)signal!).TrySetResult(), given, most, Timeout.InfiniteTimeSpan)
                : null;
            await given.Task;
        }

        _given = New();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
