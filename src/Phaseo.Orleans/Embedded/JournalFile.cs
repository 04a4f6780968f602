using Microsoft.Win32.SafeHandles;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Embedded;

/// <summary>
/// The one writer of one journal in this process, and what it knows: the published end. It is used under
/// <see cref="Gate"/> only, and kept as long as the journal lives; its handle is not.
/// </summary>
internal sealed class JournalFile(string path)
{
    private const long Unknown = -1;

    private SafeFileHandle? _handle;
    private long _end = Unknown;
    private bool _dirty;
    private long _dropped;

    /// <summary>One at a time.</summary>
    public SemaphoreSlim Gate { get; } = new(1, 1);

    /// <summary>Where the file is.</summary>
    public string Path => path;

    /// <summary>Whether the journal is gone, and this object with it.</summary>
    public bool Over { get; private set; }


    /// <summary>Makes the file, empty and so complete. False: one is there.</summary>
    public bool TryCreate(FolderTree tree)
    {
        if (File.Exists(path))
        {
            return false;
        }

        _handle = tree.InFolderOf(path, () => DiskFiles.Create(path));
        RandomAccess.FlushToDisk(_handle);
        tree.SyncNames(System.IO.Path.GetDirectoryName(path)!);
        _end = 0;
        return true;
    }

    /// <summary>The published end; null when the journal is gone. Opens the file if need be.</summary>
    public long? FindEnd() => TryOpen(forWriting: false) ? _end : null;

    /// <summary>Appends at the position, or not at all.</summary>
    public AppendResult Append(long position, ReadOnlySpan<byte> flush)
    {
        if (!TryOpen(forWriting: true))
        {
            return AppendResult.Missing;
        }

        if (position != _end)
        {
            return AppendResult.PositionTaken;
        }

        // Until the flush is durable the end stands where it was, for readers and for the repair.
        _dirty = true;
        RandomAccess.Write(_handle!, flush, position);
        RandomAccess.FlushToDisk(_handle!);
        _dirty = false;
        _end = position + flush.Length;
        return AppendResult.Appended;
    }

    /// <summary>How many bytes of an unfinished flush the opening dropped; 0 when asked again.</summary>
    public long TakeDropped()
    {
        var dropped = _dropped;
        _dropped = 0;
        return dropped;
    }

    /// <summary>Removes the file.</summary>
    public void Delete(FolderTree tree)
    {
        Close();
        tree.Remove(path);
        Over = true;
    }

    /// <summary>Gives the handle back to the system; the next append takes one again.</summary>
    public void Close()
    {
        _handle?.Dispose();
        _handle = null;
    }

    private bool TryOpen(bool forWriting)
    {
        if (Over)
        {
            return false;
        }

        if (_handle is null && (forWriting || _end == Unknown))
        {
            _handle = DiskFiles.TryOpen(path);
            if (_handle is null)
            {
                Over = true;
                return false;
            }
        }

        if (_end == Unknown)
        {
            Recover();
        }
        else if (_dirty)
        {
            Repair();
        }

        return true;
    }

    /// <summary>A crash may have left a part of a flush: whatever follows the last whole one was never acknowledged.</summary>
    private void Recover()
    {
        var length = RandomAccess.GetLength(_handle!);
        var end = JournalEnd.Find(_handle!, length);
        if (end < length)
        {
            RandomAccess.SetLength(_handle!, end);
        }

        // Also a whole flush may be in the page cache only, if the process died between write and fsync.
        RandomAccess.FlushToDisk(_handle!);
        _dropped = length - end;
        _end = end;
    }

    /// <summary>
    /// A write or an fsync failed. What the kernel then holds in memory may never reach the disk, so it is no good to
    /// read it back: cut at the known end, through a fresh handle.
    /// </summary>
    private void Repair()
    {
        Close();
        _handle = DiskFiles.TryOpen(path) ?? throw new FileNotFoundException("The journal is gone.", path);
        RandomAccess.SetLength(_handle, _end);
        RandomAccess.FlushToDisk(_handle);
        _dirty = false;
    }
}
