namespace Phaseo.Orleans.Batches.Shards;

/// <summary>
/// Runs callbacks one at a time, each on the pool thread that brings it if nobody else is in: an answer is handled
/// where it arrived, and the next call goes out from there. Code that runs here comes back here after every await.
/// </summary>
/// <remarks>
/// An activation's scheduler promises the same order, but takes a queued task and often another thread for each
/// answer, which was a fifth of the CPU that a row costs.
/// </remarks>
/// <param name="home">Whose threads run it: the pool's, or a test's that takes its turns itself.</param>
internal sealed class Strand(TaskScheduler home) : SynchronizationContext
{
    private readonly Lock _gate = new();
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _queue = new();
    private bool _isBusy;

    /// <summary>Runs <paramref name="work"/> here; the task ends with it. Awaiters with a scheduler of their own go on there.</summary>
    public Task<T> RunAsync<T>(Func<Task<T>> work)
    {
        var ended = new TaskCompletionSource<T>();
        Post(_ => Complete(), null);
        return ended.Task;

        async void Complete()
        {
            try
            {
                ended.SetResult(await work());
            }
            catch (Exception e)
            {
                ended.SetException(e);
            }
        }
    }

    /// <summary>Runs <paramref name="work"/>, which must not throw, here: at once or soon.</summary>
    public void Post(Action work) => Post(static action => ((Action)action!)(), work);

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (_gate)
        {
            if (_isBusy)
            {
                _queue.Enqueue((d, state));
                return;
            }

            _isBusy = true;
            if (!MayRunHere)
            {
                _queue.Enqueue((d, state));
                Task.Factory.StartNew(Drain, CancellationToken.None, TaskCreationOptions.DenyChildAttach, home);
                return;
            }
        }

        Run(d, state);
        Drain();
    }

    // Not in the middle of a grain's turn, whose context our code would take for its own, nor on a thread that others
    // wait for, such as one that writes to disk.
    private bool MayRunHere =>
        TaskScheduler.Current == home && (home != TaskScheduler.Default || Thread.CurrentThread.IsThreadPoolThread);

    private void Drain()
    {
        while (TryTake(out var next))
        {
            Run(next.Callback, next.State);
        }
    }

    private bool TryTake(out (SendOrPostCallback Callback, object? State) next)
    {
        lock (_gate)
        {
            _isBusy = _queue.TryDequeue(out next);
            return _isBusy;
        }
    }

    private void Run(SendOrPostCallback callback, object? state)
    {
        var before = Current;
        SetSynchronizationContext(this);
        try
        {
            callback(state);
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }
}
