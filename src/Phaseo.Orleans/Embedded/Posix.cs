using System.Runtime.InteropServices;

namespace Phaseo.Orleans.Embedded;

/// <summary>What .NET cannot say to the operating system: make a directory's entries durable.</summary>
internal static partial class Posix
{
    private const int ReadOnly = 0;

    /// <summary>
    /// Returns when every name made, renamed or removed in the directory so far survives a loss of power. Windows
    /// keeps names in its file system's journal and needs no such call.
    /// </summary>
    public static void SyncDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Open(path, ReadOnly);
        if (descriptor < 0)
        {
            throw Failure("open");
        }

        var failure = Sync(descriptor) < 0 ? Failure("fsync") : null;
        _ = Close(descriptor);
        if (failure is not null)
        {
            throw failure;
        }

        IOException Failure(string act) => Marshal.GetLastPInvokeError() switch
        {
            2 => new DirectoryNotFoundException($"The directory '{path}' is gone."), // ENOENT
            var error => new IOException($"{act} of directory '{path}': {Marshal.GetPInvokeErrorMessage(error)}."),
        };
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
