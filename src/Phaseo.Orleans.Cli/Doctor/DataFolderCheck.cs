using Phaseo.Orleans.Cli.Terminals;
using Phaseo.Orleans.Embedded;

namespace Phaseo.Orleans.Cli.Doctor;

/// <summary>Whether a silo could work in a data folder.</summary>
internal static class DataFolderCheck
{
    // The largest input (200 MB), its answers and their journal.
    private const long LeastFreeBytes = 1L << 30;

    /// <summary>Looks at the folder; one that is not there is not left behind.</summary>
    public static IEnumerable<Finding> Run(string path)
    {
        var isThere = Directory.Exists(path);
        var lockFinding = isThere ? TryLock(path) : null;
        yield return lockFinding ?? TryWrite(isThere ? path : NearestParent(path), path);
        yield return LookAtSpace(isThere ? path : NearestParent(path));
    }

    // Taking the folder would empty the making of another process: only the lock is tried.
    private static Finding? TryLock(string path)
    {
        try
        {
            return DataFolder.IsInUse(path)
                ? Finding.Warn("data", $"{path} is in use by another phaseo process; a second one needs another --data")
                : null;
        }
        catch (UnauthorizedAccessException)
        {
            return null; // TryWrite says it better.
        }
    }

    private static Finding TryWrite(string folder, string shown)
    {
        var probe = Path.Combine(folder, $".phaseo-doctor-{Guid.NewGuid():N}");
        try
        {
            using var file = new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 4096, FileOptions.DeleteOnClose);
            file.WriteByte(1);
            file.Flush(flushToDisk: true);
            return Finding.Ok("data", $"{shown} can be written");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Finding.Fail("data", $"{shown} cannot be written: {e.Message}");
        }
    }

    private static Finding LookAtSpace(string folder)
    {
        var free = new DriveInfo(folder).AvailableFreeSpace;
        return free >= LeastFreeBytes
            ? Finding.Ok("disk", $"{Format.Bytes(free)} free")
            : Finding.Warn("disk", $"{Format.Bytes(free)} free; a large batch needs more than {Format.Bytes(LeastFreeBytes)}");
    }

    private static string NearestParent(string path)
    {
        var parent = Path.GetDirectoryName(path);
        while (parent is not null && !Directory.Exists(parent))
        {
            parent = Path.GetDirectoryName(parent);
        }

        return parent ?? Path.GetPathRoot(path)!;
    }
}
