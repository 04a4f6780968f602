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

    private readonly StagedParts _parts = new(folder);
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
        FolderTree.CheckSegment(blockId);
        var path = folder.Blobs.PathOf(name);
        return threads.RunAsync(() => _parts.Stage(path, blockId, content.Span));
    }

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<string, long>> ListStagedAsync(string name, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var path = folder.Blobs.PathOf(name);
        return threads.RunAsync(() => StagedParts.List(path));
    }

    /// <inheritdoc/>
    public Task<CommitResult> CommitAsync(string name, IReadOnlyList<BlobBlock> blocks, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        foreach (var block in blocks)
        {
            FolderTree.CheckSegment(block.Id);
        }

        var path = folder.Blobs.PathOf(name);
        return threads.RunAsync(() => Commit(path, blocks));
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
        return threads.RunAsync(() =>
        {
            lock (GateOf(path))
            {
                _parts.Remove(path);

                // In this order: a list without its blob claims nothing.
                folder.Blobs.Remove(path);
                folder.Blobs.Remove(RecordOf(path));
            }
        });
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

    private CommitResult Commit(string path, IReadOnlyList<BlobBlock> blocks)
    {
        var record = CommittedList.Encode(blocks);
        var result = CommitResult.Committed;
        if (!File.Exists(path))
        {
            if (_parts.TryAssemble(path, blocks) is not { } made)
            {
                // Whoever was faster has removed the parts.
                return File.Exists(path) ? Compare(path, record) : CommitResult.MissingBlocks;
            }

            if (!TryPublish(made, path, record))
            {
                result = Compare(path, record);
            }
        }
        else
        {
            result = Compare(path, record);
        }

        if (result != CommitResult.Conflict)
        {
            _parts.Remove(path);
        }

        return result;
    }

    private CommitResult Compare(string path, byte[] record)
    {
        lock (GateOf(path))
        {
            return CommittedList.Matches(RecordOf(path), record) ? CommitResult.AlreadyCommitted : CommitResult.Conflict;
        }
    }

    /// <summary>Gives a finished file its place. The list is durable before the blob, and a stale one is gone.</summary>
    private bool TryPublish(string made, string path, byte[]? record)
    {
        lock (GateOf(path))
        {
            if (File.Exists(path))
            {
                File.Delete(made);
                return false;
            }

            if (record is null)
            {
                folder.Blobs.Remove(RecordOf(path));
            }
            else
            {
                var temp = folder.NewTempPath();
                DiskFiles.Write(temp, record);
                folder.Blobs.Move(temp, RecordOf(path));
            }

            folder.Blobs.Move(made, path);
            return true;
        }
    }
}
