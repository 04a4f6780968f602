using Microsoft.Win32.SafeHandles;

namespace Phaseo.Orleans.Embedded;

/// <summary>How the stores open and write files. Writers keep each other out by themselves, not by the kernel's locks.</summary>
internal static class DiskFiles
{
    private const FileShare Free = FileShare.ReadWrite | FileShare.Delete;

    /// <summary>Writes a whole file, durably.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        using var file = Create(path);
        RandomAccess.Write(file, content, 0);
        RandomAccess.FlushToDisk(file);
    }

    /// <summary>Makes a file that must not exist.</summary>
    public static SafeFileHandle Create(string path) =>
        File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, Free);

    /// <summary>Opens a file for reading and writing, or makes it.</summary>
    public static SafeFileHandle OpenOrCreate(string path) =>
        File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, Free);

    /// <summary>Makes a file's content durable.</summary>
    public static void Flush(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, Free);
        RandomAccess.FlushToDisk(file);
    }

    /// <summary>Removes a file. False: there was none.</summary>
    public static bool TryDelete(string path)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        File.Delete(path);
        return true;
    }

    /// <summary>Opens a file for reading and writing; null when there is none.</summary>
    public static SafeFileHandle? TryOpen(string path) => TryOpen(path, FileAccess.ReadWrite, FileOptions.None);

    /// <summary>Opens a range of a file, cut where the file ends; null when there is none.</summary>
    public static FileRangeStream? TryOpenRange(string path, long offset, long? length)
    {
        var file = TryOpen(path, FileAccess.Read, FileOptions.SequentialScan);
        if (file is null)
        {
            return null;
        }

        var end = RandomAccess.GetLength(file);
        var start = Math.Min(offset, end);
        return new FileRangeStream(file, start, length is { } most ? Math.Min(end, start + most) : end);
    }

    private static SafeFileHandle? TryOpen(string path, FileAccess access, FileOptions options)
    {
        try
        {
            return File.Exists(path) ? File.OpenHandle(path, FileMode.Open, access, Free, options) : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
