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
        var folder = NearestThere(path);
        var inUse = folder == path ? TryLock(path) : null;
        yield return inUse ?? TryWrite(folder, path);
        yield return LookAtSpace(folder);
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

    // The folder itself, or the parent in which it would be made. A file in the way is found by writing into it.
    private static string NearestThere(string path)
    {
        var folder = path;
        while (!Path.Exists(folder))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }
}
