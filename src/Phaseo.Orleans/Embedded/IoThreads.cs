using Microsoft.Data.Sqlite;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Embedded;

/// <summary>
/// A few threads of our own for calls that block in the kernel (fsync above all). On the thread pool, two slow
/// fsyncs would stop HTTP and grains on a machine of two cores; the pool notices such a thread only after half a second.
/// </summary>
internal sealed class IoThreads : IDisposable
{
    // Enough that a disk with 5 ms per fsync still does 1,600 of them a second.
    private const int Count = 8;

    private readonly ParkingQueue<IWork> _queue = new();
    private readonly Thread[] _threads;

    /// <summary>Starts the threads.</summary>
    public IoThreads()
    {
        _threads = new Thread[Count];
        for (var i = 0; i < Count; i++)
        {
            _threads[i] = new Thread(Work, maxStackSize: 512 * 1024) { IsBackground = true, Name = $"phaseo-io-{i}" };
            _threads[i].Start();
        }
    }

    private interface IWork
    {
        void Run();
    }

    /// <summary>
    /// Runs <paramref name="act"/> on one of the threads. Once started it runs to its end, so buffers that it uses
    /// must stay as they are until the task is done.
    /// </summary>
    /// <exception cref="StorageUnavailableException">The act met an I/O error, or the process is stopping.</exception>
    public Task<T> RunAsync<T>(Func<T> act)
    {
        var work = new WorkItem<T>(act);
        return _queue.TryAdd(work) ? work.Task : throw new StorageUnavailableException("The data folder is closed.");
    }

    /// <inheritdoc cref="RunAsync{T}(Func{T})"/>
    public Task RunAsync(Action act) => RunAsync(() =>
    {
        act();
        return true;
    });

    /// <summary>Finishes what is queued and ends the threads.</summary>
    public void Dispose()
    {
        _queue.Close();
        foreach (var thread in _threads)
        {
            thread.Join();
        }
    }

    private void Work()
    {
        while (_queue.Take(out var work))
        {
            work.Run();
        }
    }

    private sealed class WorkItem<T>(Func<T> act) : TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously), IWork
    {
        public void Run()
        {
            try
            {
                SetResult(act());
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or SqliteException)
            {
                SetException(new StorageUnavailableException("The data folder could not be used.", e));
            }
            catch (Exception e)
            {
                SetException(e);
            }
        }
    }
}
