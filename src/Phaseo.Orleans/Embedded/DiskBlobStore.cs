using System.Runtime.CompilerServices;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Embedded;

/// <summary>
/// Blobs as files: made whole under a temporary name, fsynced, then moved to their place. The folder's lock keeps
/// other processes out and a gate per name other threads, so "nothing is there" still holds when the move happens.
/// </summary>
internal sealed class DiskBlobStore(DataFolder folder, IoThreads threads) : IBlobStore
{
    private const int ListPage = 256;

    private readonly StagedParts _parts = new();
    private readonly Lock[] _gates = [.. Enumerable.Range(0, 64).Select(_ => new Lock())];

    /// <inheritdoc/>
    public async Task<IBlobUpload> BeginUploadAsync(string name, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var path = folder.Blobs.PathOf(name);
        var temp = folder.NewTempPath();
        var file = await threads.RunAsync(() => DiskFiles.Create(temp)).ConfigureAwait(false);
        return new DiskUpload(threads, file, temp, made => TryPublish(made, path, record: null));
    }

    /// <inheritdoc/>
    public Task<bool> PutAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var path = folder.Blobs.PathOf(name);
        return threads.RunAsync(() =>
        {
            if (File.Exists(path))
            {
                return false;
            }

            var temp = folder.NewTempPath();
            DiskFiles.Write(temp, content.Span);
            return TryPublish(temp, path, record: null);
        });
    }

    /// <inheritdoc/>
    public Task StageAsync(string name, string blockId, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        BlobNames.CheckPart(blockId);
        var path = folder.Blobs.PathOf(name);
        return threads.RunAsync(() => _parts.Use(path, parts =>
        {
            parts.Add(blockId, content.Span, folder.Blobs);
            return true;
        }));
    }

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<string, long>> ListStagedAsync(string name, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var path = folder.Blobs.PathOf(name);
        return threads.RunAsync(() => _parts.List(path));
    }

    /// <inheritdoc/>
    public Task<CommitResult> CommitAsync(string name, IReadOnlyList<BlobBlock> blocks, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        foreach (var block in blocks)
        {
            BlobNames.CheckPart(block.Id);
        }

        var path = folder.Blobs.PathOf(name);
        return threads.RunAsync(() => _parts.Use(path, parts => Commit(path, parts, blocks)));
    }

    /// <inheritdoc/>
    public async Task<Stream?> OpenReadAsync(string name, long offset, long? length, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length ?? 0, nameof(length));
        var path = folder.Blobs.PathOf(name);
        return await threads.RunAsync(() => DiskFiles.TryOpenRange(path, offset, length)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<long?> GetLengthAsync(string name, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var path = folder.Blobs.PathOf(name);
        return threads.RunAsync(() => new FileInfo(path) is { Exists: true } file ? file.Length : (long?)null);
    }

    /// <inheritdoc/>
    public Task DeleteAsync(string name, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var path = folder.Blobs.PathOf(name);
        return threads.RunAsync(() => _parts.Use(path, parts =>
        {
            lock (GateOf(path))
            {
                // In this order: a list without its blob claims nothing.
                folder.Blobs.Remove(path);
                folder.Blobs.Remove(RecordOf(path));
            }

            parts.Clear(folder.Blobs);

            return true;
        }));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var names = BlobListing.Enumerate(folder.Blobs.Root, prefix).GetEnumerator();
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var page = await threads.RunAsync(() => BlobListing.Take(names, ListPage)).ConfigureAwait(false);
            foreach (var name in page)
            {
                yield return name;
            }

            if (page.Count < ListPage)
            {
                yield break;
            }
        }
    }

    private static string RecordOf(string path) => path + "~list";

    private Lock GateOf(string path) => _gates[(uint)string.GetHashCode(path, StringComparison.Ordinal) % _gates.Length];

    private CommitResult Commit(string path, PartsFile parts, IReadOnlyList<BlobBlock> blocks)
    {
        if (!File.Exists(path))
        {
            if (blocks.Any(block => !parts.Read().TryGetValue(block.Id, out var part) || part.Length != block.Length))
            {
                return CommitResult.MissingBlocks;
            }

            if (TryPublish(parts, path, blocks))
            {
                parts.Clear(folder.Blobs);
                return CommitResult.Committed;
            }
        }

        if (!Matches(path, blocks))
        {
            return CommitResult.Conflict;
        }

        parts.Clear(folder.Blobs);
        return CommitResult.AlreadyCommitted;
    }

    private bool Matches(string path, IReadOnlyList<BlobBlock> blocks)
    {
        lock (GateOf(path))
        {
            return CommittedList.Matches(RecordOf(path), blocks);
        }
    }

    private bool TryPublish(PartsFile parts, string path, IReadOnlyList<BlobBlock> blocks)
    {
        if (!parts.TryTakeWhole(blocks, out var made, out var record))
        {
            made = Assemble(parts, blocks);
            record = folder.NewTempPath();
            DiskFiles.Write(record, CommittedList.Encode(blocks));
        }

        return TryPublish(made, path, record);
    }

    private string Assemble(PartsFile parts, IReadOnlyList<BlobBlock> blocks)
    {
        var made = folder.NewTempPath();
        try
        {
            using var target = DiskFiles.Create(made);
            parts.CopyTo(target, blocks);
            RandomAccess.FlushToDisk(target);
            return made;
        }
        catch (IOException)
        {
            File.Delete(made);
            throw;
        }
    }

    /// <summary>Gives a finished file its place. The list is durable before the blob, and a stale one is gone.</summary>
    private bool TryPublish(string made, string path, string? record)
    {
        lock (GateOf(path))
        {
            if (File.Exists(path))
            {
                File.Delete(made);
                if (record is not null)
                {
                    File.Delete(record);
                }
                return false;
            }

            if (record is null)
            {
                folder.Blobs.Remove(RecordOf(path));
            }
            else
            {
                folder.Blobs.Move(record, RecordOf(path));
            }

            folder.Blobs.Move(made, path);
            return true;
        }
    }
}
