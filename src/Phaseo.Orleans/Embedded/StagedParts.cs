using System.Buffers;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Embedded;

/// <summary>
/// Parts of future blobs: files named by their block id, never overwritten, in a folder beside the blob's place.
/// Their names need not be durable: a part that is missing after a loss of power is staged again.
/// </summary>
internal sealed class StagedParts(DataFolder folder)
{
    private const int CopyBytes = 1024 * 1024;

    /// <summary>Keeps a part; one that is there already stays.</summary>
    public void Stage(string blob, string id, ReadOnlySpan<byte> content)
    {
        var path = PathOf(blob, id);
        if (LengthOf(path) == content.Length)
        {
            return;
        }

        var temp = folder.NewTempPath();
        DiskFiles.Write(temp, content);
        folder.Blobs.InFolderOf(path, () =>
        {
            // The id names the content, so replacing a twin that came first changes nothing.
            File.Move(temp, path, overwrite: true);
            return true;
        });
    }

    /// <summary>The parts of a blob by id.</summary>
    public static IReadOnlyDictionary<string, long> List(string blob)
    {
        try
        {
            return new DirectoryInfo(FolderOf(blob)).EnumerateFiles().ToDictionary(file => file.Name, file => file.Length);
        }
        catch (Exception e) when (e is DirectoryNotFoundException or FileNotFoundException)
        {
            return new Dictionary<string, long>();
        }
    }

    /// <summary>Makes one durable file of the listed parts, for the caller to move away; null when one of them is not there.</summary>
    public string? TryAssemble(string blob, IReadOnlyList<BlobBlock> blocks)
    {
        if (blocks.Any(block => LengthOf(PathOf(blob, block.Id)) != block.Length))
        {
            return null;
        }

        if (blocks.Count == 1)
        {
            // The part is a finished, durable file already.
            return PathOf(blob, blocks[0].Id);
        }

        var temp = folder.NewTempPath();
        var buffer = ArrayPool<byte>.Shared.Rent(CopyBytes);
        try
        {
            using var target = DiskFiles.Create(temp);
            var written = 0L;
            foreach (var block in blocks)
            {
                using var part = DiskFiles.TryOpenRange(PathOf(blob, block.Id), 0, null);
                if (part is null || part.Length != block.Length)
                {
                    File.Delete(temp);
                    return null;
                }

                int read;
                while ((read = part.Read(buffer)) > 0)
                {
                    RandomAccess.Write(target, buffer.AsSpan(0, read), written);
                    written += read;
                }
            }

            RandomAccess.FlushToDisk(target);
            return temp;
        }
        catch (IOException)
        {
            File.Delete(temp);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Removes all parts of a blob.</summary>
    public void Remove(string blob)
    {
        if (!Directory.Exists(FolderOf(blob)))
        {
            return;
        }

        try
        {
            Directory.Delete(FolderOf(blob), recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Another removal was faster.
        }

        folder.Blobs.RemoveEmptyFolders(Path.GetDirectoryName(blob)!);
    }

    private static string FolderOf(string blob) => blob + "~parts";

    private static string PathOf(string blob, string id) => Path.Combine(FolderOf(blob), id);

    private static long LengthOf(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : -1;
}
