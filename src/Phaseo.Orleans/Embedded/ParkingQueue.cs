using System.Diagnostics.CodeAnalysis;

namespace Phaseo.Orleans.Embedded;

/// <summary>
/// A queue whose takers sleep in the kernel while it is empty. The framework's blocking collection spins first, and
/// eight threads that spin between two fsyncs took more of two cores than all else that a row costs.
/// </summary>
internal sealed class ParkingQueue<T>
    where T : notnull
{
    // A monitor, because its wait does not spin.
    private readonly object _gate = new();
    private readonly Queue<T> _items = new();
    private bool _isClosed;

    /// <summary>Adds an item; false: the queue is closed.</summary>
    public bool TryAdd(T item)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return false;
            }

            _items.Enqueue(item);
            Monitor.Pulse(_gate);
            return true;
        }
    }

    /// <summary>Takes the next item, or waits for one. False: the queue is closed and empty.</summary>
    public bool Take([MaybeNullWhen(false)] out T item)
    {
        lock (_gate)
        {
            while (_items.Count == 0 && !_isClosed)
            {
                Monitor.Wait(_gate);
            }

            return _items.TryDequeue(out item);
        }
    }

    /// <summary>Takes the next item if there is one.</summary>
    public bool TryTake([MaybeNullWhen(false)] out T item)
    {
        lock (_gate)
        {
            return _items.TryDequeue(out item);
        }
    }

    /// <summary>Refuses what comes from now on; what is queued can still be taken.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            Monitor.PulseAll(_gate);
        }
    }
}
