namespace Phaseo.Orleans.Chaos.Fast;

/// <summary>
/// Runs one thing at a time, when the world says so. Belongs to a silo: when that dies, nothing that waits here ever runs.
/// </summary>
internal sealed class SimScheduler(SimWorld world, SimSilo silo) : TaskScheduler
{
    private readonly Queue<Task> _waiting = [];

    /// <summary>Whose it is.</summary>
    public SimSilo Silo => silo;

    /// <summary>Whether there is something to run.</summary>
    public bool IsReady => _waiting.Count > 0 && !silo.IsDead && !silo.IsFrozen;

    /// <summary>Runs the first that waits.</summary>
    public void RunOne()
    {
        // Whatever is posted from here belongs here.
        SynchronizationContext.SetSynchronizationContext(null);
        TryExecuteTask(_waiting.Dequeue());
    }

    /// <summary>Has something run here.</summary>
    public void Start(Func<Task> act) =>
        Task.Factory.StartNew(() => RunAsync(act), CancellationToken.None, TaskCreationOptions.DenyChildAttach, this);

    // What grains may throw is an outage, a conflict or a time-out; all else is a bug.
    private async Task RunAsync(Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (Exception e) when (e is not (OrleansException or OperationCanceledException or TimeoutException))
        {
            world.Bugs.Add(e.ToString());
        }
        catch (Exception)
        {
            // Whoever is told of it tries again.
        }
    }

    /// <inheritdoc/>
    protected override void QueueTask(Task task)
    {
        if (!silo.IsDead)
        {
            _waiting.Enqueue(task);
        }
    }

    /// <inheritdoc/>
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    /// <inheritdoc/>
    protected override IEnumerable<Task> GetScheduledTasks() => _waiting;
}
