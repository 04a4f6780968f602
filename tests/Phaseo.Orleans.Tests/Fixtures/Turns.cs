using System.Collections.Concurrent;

namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>
/// A scheduler that runs one thing at a time on the test's own thread, as a grain's does on its own: what waits runs
/// when the test says so, so nothing happens behind the test's back and its fakes need no locks.
/// </summary>
internal sealed class Turns : TaskScheduler, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly BlockingCollection<Task> _waiting = [];

    /// <summary>Has something run in turns from now on.</summary>
    public Task<T> Start<T>(Func<Task<T>> act) =>
        Task.Factory.StartNew(act, CancellationToken.None, TaskCreationOptions.None, this).Unwrap();

    /// <inheritdoc cref="Start{T}"/>
    public Task Start(Func<Task> act) =>
        Task.Factory.StartNew(act, CancellationToken.None, TaskCreationOptions.None, this).Unwrap();

    /// <summary>Takes turns until the condition holds. Fails with <paramref name="what"/> when none comes for 30 s.</summary>
    public void Until(string what, Func<bool> condition)
    {
        while (!condition())
        {
            Assert.True(_waiting.TryTake(out var turn, Patience), $"Nothing happens any more, and there is still no {what}.");
            Take(turn);
        }
    }

    /// <summary>Takes turns until this ends, and gives what it ended with.</summary>
    public T Result<T>(Task<T> task)
    {
        Until("end", () => task.IsCompleted);
        return task.GetAwaiter().GetResult();
    }

    /// <summary>Runs something to its end, in turns.</summary>
    public T Run<T>(Func<Task<T>> act) => Result(Start(act));

    /// <summary>Runs something to its end, in turns.</summary>
    public void Run(Func<Task> act)
    {
        var task = Start(act);
        Until("end", () => task.IsCompleted);
        task.GetAwaiter().GetResult();
    }

    /// <summary>Takes all turns that wait by now.</summary>
    public void TakeAll()
    {
        while (_waiting.TryTake(out var turn))
        {
            Take(turn);
        }
    }

    public void Dispose() => _waiting.Dispose();

    protected override void QueueTask(Task task) => _waiting.Add(task);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => _waiting;

    // What awaits in a turn must come back here, not to the test runner's context.
    private void Take(Task turn)
    {
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        TryExecuteTask(turn);
        SynchronizationContext.SetSynchronizationContext(before);
    }
}
