using Orleans.Storage;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Chaos.Fast;

/// <summary>What is stored in a world; outlives every silo.</summary>
internal sealed class SimStored
{
    public Dictionary<JournalId, byte[]> Journals { get; } = [];

    public Dictionary<string, byte[]> Blobs { get; } = [];

    public Dictionary<(string Name, string Block), byte[]> Staged { get; } = [];

    public Dictionary<string, BatchIndexRow> Index { get; } = [];

    public HashSet<string> Open { get; } = [];

    public HashSet<string> References { get; } = [];

    public Dictionary<string, FileRecord> Files { get; } = [];

    public HashSet<string> Reminders { get; } = [];

    /// <summary>The batch's row and its tag.</summary>
    public (BatchState State, int Tag) Row { get; set; } = (new(), 0);

    /// <summary>Called with every state that is stored.</summary>
    public Action<BatchState> OnState { get; set; } = _ => { };
}

/// <summary>A silo's way to what is stored.</summary>
internal sealed class SimStores(SimWorld world, SimSilo silo, SimStored stored)
    : IJournalStore, IBlobStore, IBatchIndex, IOpenBatches, IFileReferences, IFileRecords
{
    public Task<bool> CreateAsync(JournalId id, CancellationToken cancellation) => Do(() => stored.Journals.TryAdd(id, []));

    public Task<AppendResult> AppendAsync(JournalId id, long position, ReadOnlyMemory<byte> flush, CancellationToken cancellation)
    {
        var bytes = flush.ToArray();
        return Do(() =>
        {
            if (!stored.Journals.TryGetValue(id, out var journal))
            {
                return AppendResult.Missing;
            }

            if (journal.Length != position)
            {
                return AppendResult.PositionTaken;
            }

            stored.Journals[id] = [.. journal, .. bytes];
            return AppendResult.Appended;
        });
    }

    public Task<Stream?> OpenReadAsync(JournalId id, long position, CancellationToken cancellation) => Do<Stream?>(() =>
        stored.Journals.TryGetValue(id, out var bytes) ? Slice(bytes, position, null) : null);

    public Task<long?> GetLengthAsync(JournalId id, CancellationToken cancellation) => Do(() =>
        stored.Journals.TryGetValue(id, out var bytes) ? bytes.Length : (long?)null);

    public Task DeleteAsync(JournalId id, CancellationToken cancellation) => Do(() => stored.Journals.Remove(id));

    public Task<IBlobUpload> BeginUploadAsync(string name, CancellationToken cancellation) => throw new NotSupportedException("Nobody uploads.");

    public Task<bool> PutAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        var bytes = content.ToArray();
        return Do(() => stored.Blobs.TryAdd(name, bytes));
    }

    public Task StageAsync(string name, string blockId, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        var bytes = content.ToArray();
        return Do(() => stored.Blobs.ContainsKey(name) || stored.Staged.TryAdd((name, blockId), bytes));
    }

    public Task<IReadOnlyDictionary<string, long>> ListStagedAsync(string name, CancellationToken cancellation) =>
        Do<IReadOnlyDictionary<string, long>>(() =>
            stored.Staged.Where(part => part.Key.Name == name).ToDictionary(part => part.Key.Block, part => (long)part.Value.Length));

    public Task<CommitResult> CommitAsync(string name, IReadOnlyList<BlobBlock> blocks, CancellationToken cancellation) => Do(() =>
    {
        if (stored.Blobs.TryGetValue(name, out var there))
        {
            return there.Length == blocks.Sum(block => block.Length) ? CommitResult.AlreadyCommitted : CommitResult.Conflict;
        }

        if (blocks.Any(block => !stored.Staged.ContainsKey((name, block.Id))))
        {
            return CommitResult.MissingBlocks;
        }

        stored.Blobs[name] = [.. blocks.SelectMany(block => stored.Staged[(name, block.Id)])];
        foreach (var part in stored.Staged.Keys.Where(part => part.Name == name).ToList())
        {
            stored.Staged.Remove(part);
        }

        return CommitResult.Committed;
    });

    public Task<Stream?> OpenReadAsync(string name, long offset, long? length, CancellationToken cancellation) => Do<Stream?>(() =>
        stored.Blobs.TryGetValue(name, out var bytes) ? Slice(bytes, offset, length) : null);

    public Task<long?> GetLengthAsync(string name, CancellationToken cancellation) => Do(() =>
        stored.Blobs.TryGetValue(name, out var bytes) ? bytes.Length : (long?)null);

    public Task DeleteAsync(string name, CancellationToken cancellation) => Do(() => stored.Blobs.Remove(name));

    public async IAsyncEnumerable<string> ListAsync(
        string prefix, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var name in await Do(() => stored.Blobs.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).ToList()))
        {
            yield return name;
        }
    }

    public Task<bool> UpsertAsync(BatchIndexRow row, CancellationToken cancellation) => Do(() =>
    {
        if (stored.Index.TryGetValue(row.BatchId, out var there) && there.Version >= row.Version)
        {
            return false;
        }

        stored.Index[row.BatchId] = row;
        return true;
    });

    public Task<bool> BeatAsync(string workspace, string batchId, DateTimeOffset at, CancellationToken cancellation) => Do(() => stored.Open.Contains(batchId));

    Task IOpenBatches.RemoveAsync(string workspace, string batchId, CancellationToken cancellation) => Do(() => stored.Open.Remove(batchId));

    Task IFileReferences.RemoveAsync(string workspace, string fileId, string batchId, CancellationToken cancellation) => Do(() => stored.References.Remove(batchId));

    public Task<bool> CreateAsync(FileRecord record, CancellationToken cancellation) => Do(() => stored.Files.TryAdd(record.Id, record));

    /// <summary>The batch's row as an activation holds it.</summary>
    public IPersistentState<BatchState> Row() => new RowOf(this, stored);

    /// <summary>An act on storage.</summary>
    public Task<T> Do<T>(Func<T> act) => world.StoreAsync(silo, act);

    public Task<IReadOnlyList<BatchIndexRow>> ListAsync(BatchIndexQuery query, CancellationToken cancellation) => throw Nobody();

    public IAsyncEnumerable<BatchIndexRow> ListUnfinishedAsync(CancellationToken cancellation) => throw Nobody();

    Task IBatchIndex.RemoveAsync(string workspace, string batchId, CancellationToken cancellation) => throw Nobody();

    public Task AddAsync(OpenBatch row, CancellationToken cancellation) => throw Nobody();

    public IAsyncEnumerable<OpenBatch> ListAsync(DateTimeOffset? olderThan, CancellationToken cancellation) => throw Nobody();

    public Task AddAsync(FileReference reference, CancellationToken cancellation) => throw Nobody();

    public Task<bool> AnyAsync(string workspace, string fileId, CancellationToken cancellation) => throw Nobody();

    public IAsyncEnumerable<FileReference> ListAsync(DateTimeOffset addedBefore, CancellationToken cancellation) => throw Nobody();

    public Task<FileRecord?> GetAsync(string workspace, string fileId, CancellationToken cancellation) => throw Nobody();

    public Task<IReadOnlyList<FileRecord>> ListAsync(FileQuery query, CancellationToken cancellation) => throw Nobody();

    public Task<bool> HideAsync(string workspace, string fileId, CancellationToken cancellation) => throw Nobody();

    public IAsyncEnumerable<FileRecord> ListDeadAsync(DateTimeOffset now, CancellationToken cancellation) => throw Nobody();

    public Task<bool> NamesBlobAsync(string workspace, string blobName, CancellationToken cancellation) => throw Nobody();

    Task IFileRecords.RemoveAsync(string workspace, string fileId, CancellationToken cancellation) => throw Nobody();

    private static NotSupportedException Nobody() => new("Nothing of a batch that runs calls this.");

    private static MemoryStream Slice(byte[] bytes, long offset, long? length)
    {
        var start = (int)Math.Min(offset, bytes.Length);
        return new(bytes, start, (int)Math.Min(length ?? bytes.Length, bytes.Length - start), writable: false);
    }

    private sealed class RowOf(SimStores stores, SimStored stored) : IPersistentState<BatchState>
    {
        private int _tag;

        public BatchState State { get; set; } = new();

        public string? Etag => null;

        public bool RecordExists => true;

        public async Task ReadStateAsync() => (State, _tag) = await stores.Do(() => stored.Row);

        public async Task WriteStateAsync()
        {
            var (next, tag) = (State, _tag);
            _tag = await stores.Do(() =>
            {
                if (stored.Row.Tag != tag)
                {
                    throw new InconsistentStateException("The row has another tag.");
                }

                stored.OnState(next);
                stored.Row = (next, tag + 1);
                return tag + 1;
            });
        }

        public Task ClearStateAsync() => throw Nobody();
    }
}
