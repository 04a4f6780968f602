namespace Phaseo.Orleans.Embedded;

/// <summary>Bounds how many journals keep a handle: the one unused for longest loses its own.</summary>
internal sealed class RecentFiles(int capacity)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<JournalFile> _order = new();
    private readonly Dictionary<JournalFile, LinkedListNode<JournalFile>> _nodes = [];

    /// <summary>Notes a use. The caller holds the file's gate.</summary>
    public void Touch(JournalFile file)
    {
        lock (_gate)
        {
            if (_nodes.TryGetValue(file, out var node))
            {
                _order.Remove(node);
                _order.AddFirst(node);
            }
            else
            {
                _nodes.Add(file, _order.AddFirst(file));
            }

            for (var excess = _order.Count - capacity; excess > 0; excess--)
            {
                CloseOldest();
            }
        }
    }

    /// <summary>Leaves the file out from now on.</summary>
    public void Forget(JournalFile file)
    {
        lock (_gate)
        {
            if (_nodes.Remove(file, out var node))
            {
                _order.Remove(node);
            }
        }
    }

    private void CloseOldest()
    {
        var oldest = _order.Last!.Value;
        if (!oldest.Gate.Wait(0))
        {
            // In use: then it is not idle, and its own touch comes when it is done.
            return;
        }

        try
        {
            oldest.Close();
        }
        finally
        {
            oldest.Gate.Release();
        }

        _nodes.Remove(oldest);
        _order.RemoveLast();
    }
}
