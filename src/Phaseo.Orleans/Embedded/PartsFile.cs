using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Hashing;
using Microsoft.Win32.SafeHandles;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Embedded;

/// <summary>
/// The staged parts of one future blob, in two files beside its place: <c>~staged</c> holds their bytes, one part after
/// the other, <c>~index</c> a line for each (<see cref="PartLine"/>). Used under <see cref="Gate"/> only.
/// </summary>
/// <remarks>
/// Two files for all parts, not one for each: a batch of 50,000 rows has two hundred parts, and a file that is made and
/// removed again costs more than its bytes. Nothing is flushed here: what a loss of power takes is staged again, and
/// the hash of each part tells what it took.
/// </remarks>
internal sealed class PartsFile(string blob)
{
    private readonly Dictionary<string, StagedPart> _parts = new(StringComparer.Ordinal);
    private bool _isRead;
    private long _end;
    private long _indexEnd;

    /// <summary>One at a time.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Whether this object is no longer the one for its blob.</summary>
    public bool IsGone { get; set; }

    private string DataPath => blob + "~staged";

    private string IndexPath => blob + "~index";

    /// <summary>Adds a part; one that is there already stays, as its id names its content.</summary>
    public void Add(string id, ReadOnlySpan<byte> content, FolderTree tree)
    {
        if (Read().TryGetValue(id, out var twin) && twin.Length == content.Length)
        {
            return;
        }

        // A failure half-way leaves bytes that nobody knows of: read again, which cuts them off.
        _isRead = false;
        using (var data = tree.InFolderOf(DataPath, () => DiskFiles.OpenOrCreate(DataPath)))
        using (var index = tree.InFolderOf(IndexPath, () => DiskFiles.OpenOrCreate(IndexPath)))
        {
            var line = PartLine.Encode(id, content.Length, XxHash3.HashToUInt64(content));
            RandomAccess.Write(data, content, _end);
            RandomAccess.Write(index, line, _indexEnd);
            _parts[id] = new(_end, content.Length);
            _end += content.Length;
            _indexEnd += line.Length;
        }

        _isRead = true;
    }

    /// <summary>
    /// Whether the two files, as they are, are the blob of these parts and its list. If so they are durable now, and
    /// belong to the caller.
    /// </summary>
    public bool TryTakeWhole(IReadOnlyList<BlobBlock> blocks, [NotNullWhen(true)] out string? data, [NotNullWhen(true)] out string? list)
    {
        (data, list) = (null, null);
        var next = 0L;
        foreach (var block in blocks)
        {
            if (Read()[block.Id].Offset != next)
            {
                return false;
            }

            next += block.Length;
        }

        if (next != _end || blocks.Count != _parts.Count || blocks.Count == 0)
        {
            return false;
        }

        (data, list) = (DataPath, IndexPath);
        DiskFiles.Flush(data);
        DiskFiles.Flush(list);
        _isRead = false;
        return true;
    }

    /// <summary>Copies the parts, in this order, to the end of a file.</summary>
    public void CopyTo(SafeFileHandle target, IReadOnlyList<BlobBlock> blocks)
    {
        if (blocks.Count == 0)
        {
            return;
        }

        using var data = File.OpenHandle(DataPath);
        var buffer = ArrayPool<byte>.Shared.Rent(1024 * 1024);
        var written = 0L;
        foreach (var block in blocks)
        {
            var part = _parts[block.Id];
            for (var done = 0L; done < part.Length;)
            {
                var read = RandomAccess.Read(data, buffer.AsSpan(0, (int)Math.Min(buffer.Length, part.Length - done)), part.Offset + done);
                if (read == 0)
                {
                    throw new EndOfStreamException($"'{DataPath}' is shorter than its index says.");
                }

                RandomAccess.Write(target, buffer.AsSpan(0, read), written);
                (done, written) = (done + read, written + read);
            }
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>Removes all parts, and the folder if it is empty without them.</summary>
    public void Clear(FolderTree tree)
    {
        // In this order: bytes without an index are no parts.
        if (DiskFiles.TryDelete(IndexPath) | DiskFiles.TryDelete(DataPath))
        {
            _isRead = false;
            tree.RemoveEmptyFolders(Path.GetDirectoryName(blob)!);
        }
    }

    /// <summary>The parts that are there, by id.</summary>
    public IReadOnlyDictionary<string, StagedPart> Read()
    {
        if (!_isRead)
        {
            _parts.Clear();
            (_end, _indexEnd) = (0, 0);
            using var index = DiskFiles.TryOpen(IndexPath);
            using var data = DiskFiles.TryOpen(DataPath);
            if (index is not null && data is not null)
            {
                Recover(data);
            }

            // What is not known to be a part must not stand behind the next ones: one file of a commit that broke off too.
            CutOff(data, _end);
            CutOff(index, _indexEnd);
            _isRead = true;
        }

        return _parts;
    }

    // What another process left, up to the first part that is not whole.
    private void Recover(SafeFileHandle data)
    {
        foreach (var line in PartLine.ReadAll(IndexPath))
        {
            if (!PartLine.IsWhole(data, _end, line))
            {
                break;
            }

            _parts[line.Id] = new(_end, line.Length);
            _end += line.Length;
            _indexEnd += line.LineBytes;
        }
    }

    private static void CutOff(SafeFileHandle? file, long end)
    {
        if (file is not null && RandomAccess.GetLength(file) > end)
        {
            RandomAccess.SetLength(file, end);
        }
    }
}

/// <summary>Where a part is in the file of all parts.</summary>
internal readonly record struct StagedPart(long Offset, long Length);
