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
        if (!_given.Task.IsCompleted)
        {
            if (limit is not { } most)
            {
                await _given.Task;
            }
            else if (most > TimeSpan.Zero)
            {
                using var stop = new CancellationTokenSource();
                await Task.WhenAny(_given.Task, Task.Delay(most, time, stop.Token));
                await stop.CancelAsync();
            }
        }

        _given = New();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
