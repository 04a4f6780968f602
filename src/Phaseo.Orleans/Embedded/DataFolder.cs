using System.Globalization;

namespace Phaseo.Orleans.Embedded;

/// <summary>
/// The folder in which an embedded silo keeps everything, and the proof that no other process uses it:
/// <code>
/// lock        held by the process that uses the folder, through an open handle: the kernel frees it on any death
/// phaseo.db   SQLite: grain state, reminders, index, open batches, file records, references
/// blobs/      one file for each committed blob, and its staged parts
/// journals/   one file for each shard's journal
/// tmp/        files in the making; emptied at start
/// </code>
/// </summary>
internal sealed class DataFolder : IDisposable
{
    private const string LockName = "lock";

    private readonly FileStream _lock;
    private long _lastTemp;

    /// <summary>Takes the folder, making it if it is not there, and removes what a crash left in the making.</summary>
    /// <exception cref="DataFolderInUseException">Another process has it.</exception>
    public DataFolder(string path)
    {
        Root = Path.GetFullPath(path);
        Directory.CreateDirectory(Root);
        _lock = TakeLock(Root);
        try
        {
            var temp = Path.Combine(Root, "tmp");
            if (Directory.Exists(temp))
            {
                Directory.Delete(temp, recursive: true);
            }

            Directory.CreateDirectory(temp);
            Blobs = new FolderTree(Path.Combine(Root, "blobs"));
            Journals = new FolderTree(Path.Combine(Root, "journals"));
            Posix.SyncDirectory(Root);
        }
        catch
        {
            _lock.Dispose();
            throw;
        }
    }

    /// <summary>The folder, absolute.</summary>
    public string Root { get; }

    /// <summary>The database's file.</summary>
    public string DatabasePath => Path.Combine(Root, "phaseo.db");

    /// <summary>Committed blobs and their parts.</summary>
    public FolderTree Blobs { get; }

    /// <summary>Journals.</summary>
    public FolderTree Journals { get; }

    /// <summary>Whether a process works on the folder now. Asking leaves nothing behind.</summary>
    public static bool IsInUse(string path)
    {
        if (!File.Exists(Path.Combine(path, LockName)))
        {
            return false;
        }

        try
        {
            TakeLock(path).Dispose();
            return false;
        }
        catch (DataFolderInUseException)
        {
            return true;
        }
    }

    /// <summary>A name for a file in the making, on the same file system as its later place.</summary>
    public string NewTempPath()
    {
        var number = Interlocked.Increment(ref _lastTemp);
        return Path.Combine(Root, "tmp", number.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Lets other processes have the folder.</summary>
    public void Dispose() => _lock.Dispose();

    private static FileStream TakeLock(string root)
    {
        try
        {
            return new FileStream(
                Path.Combine(root, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException e) when (IsTaken(e))
        {
            throw new DataFolderInUseException(root, e);
        }
    }

    // EWOULDBLOCK of Linux, of macOS, and Windows' sharing violation.
    private static bool IsTaken(IOException e) => e.HResult is 11 or 35 or unchecked((int)0x80070020);
}
