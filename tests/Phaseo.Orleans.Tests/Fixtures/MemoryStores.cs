using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>
/// The stores of one test, in memory. Every write passes <see cref="OnWrite"/>, where a test can make it fail, wait,
/// or be lost after it was carried out.
/// </summary>
internal sealed class MemoryStores : IOpenBatches, IFileReferences, IFileRecords, IBatchIndex, IClaimRows
{
    /// <summary>The open rows by batch.</summary>
    public ConcurrentDictionary<string, OpenBatch> Open { get; } = new();

    /// <summary>The references by file and batch.</summary>
    public ConcurrentDictionary<(string File, string Batch), FileReference> References { get; } = new();

    /// <summary>The file records by workspace and id.</summary>
    public ConcurrentDictionary<(string Workspace, string Id), FileRecord> Files { get; } = new();

    /// <summary>The index by batch.</summary>
    public ConcurrentDictionary<string, BatchIndexRow> Index { get; } = new();

    /// <summary>The claims by key.</summary>
    public ConcurrentDictionary<string, ClaimRow> Claims { get; } = new();

    /// <summary>Called around every write: its name, and the write itself, which it may or may not carry out.</summary>
    public Func<string, Action, Task> OnWrite { get; set; } = (_, write) =>
    {
        write();
        return Task.CompletedTask;
    };

    /// <summary>Called before open rows or a claim are read.</summary>
    public Action OnRead { get; set; } = () => { };

    public Task AddAsync(OpenBatch row, CancellationToken cancellation) =>
        OnWrite("open", () => Open.TryAdd(row.BatchId, row));

    public Task<bool> BeatAsync(string workspace, string batchId, DateTimeOffset at, CancellationToken cancellation) =>
        ResultAsync("beat", () => Open.TryGetValue(batchId, out var row) && Open.TryUpdate(batchId, row with { Heartbeat = at }, row));

    public IAsyncEnumerable<OpenBatch> ListAsync(DateTimeOffset? olderThan, CancellationToken cancellation)
    {
        OnRead();
        return Open.Values.Where(row => olderThan is null || row.Heartbeat < olderThan).ToAsyncEnumerable();
    }

    Task IOpenBatches.RemoveAsync(string workspace, string batchId, CancellationToken cancellation) =>
        OnWrite("remove open", () => Open.TryRemove(batchId, out _));

    public Task AddAsync(FileReference reference, CancellationToken cancellation) =>
        OnWrite("reference", () => References.TryAdd((reference.FileId, reference.BatchId), reference));

    public Task RemoveAsync(string workspace, string fileId, string batchId, CancellationToken cancellation) =>
        OnWrite("remove reference", () => References.TryRemove((fileId, batchId), out _));

    public Task<bool> AnyAsync(string workspace, string fileId, CancellationToken cancellation) =>
        Task.FromResult(References.Values.Any(one => one.Workspace == workspace && one.FileId == fileId));

    IAsyncEnumerable<FileReference> IFileReferences.ListAsync(DateTimeOffset addedBefore, CancellationToken cancellation) =>
        References.Values.Where(one => one.AddedAt < addedBefore).ToAsyncEnumerable();

    public Task<bool> CreateAsync(FileRecord record, CancellationToken cancellation) =>
        ResultAsync("file", () => Files.TryAdd((record.Workspace, record.Id), record));

    public Task<FileRecord?> GetAsync(string workspace, string fileId, CancellationToken cancellation) =>
        Task.FromResult(Files.GetValueOrDefault((workspace, fileId)));

    public Task<IReadOnlyList<FileRecord>> ListAsync(FileQuery query, CancellationToken cancellation) =>
        throw new NotSupportedException("No test of creation lists files.");

    public Task<bool> HideAsync(string workspace, string fileId, CancellationToken cancellation) => ResultAsync("hide", () =>
        Files.TryGetValue((workspace, fileId), out var file) && !file.Hidden
        && Files.TryUpdate((workspace, fileId), file with { Hidden = true }, file));

    public IAsyncEnumerable<FileRecord> ListDeadAsync(DateTimeOffset now, CancellationToken cancellation) =>
        Files.Values.Where(file => !file.IsLive(now)).ToAsyncEnumerable();

    public Task<bool> NamesBlobAsync(string workspace, string blobName, CancellationToken cancellation) =>
        Task.FromResult(Files.Values.Any(file => file.Workspace == workspace && file.BlobName == blobName));

    Task IFileRecords.RemoveAsync(string workspace, string fileId, CancellationToken cancellation) =>
        OnWrite("remove file", () => Files.TryRemove((workspace, fileId), out _));

    public Task<bool> UpsertAsync(BatchIndexRow row, CancellationToken cancellation) => ResultAsync("index", () =>
    {
        var stored = Index.GetValueOrDefault(row.BatchId);
        if (stored is null || stored.Version < row.Version)
        {
            Index[row.BatchId] = row;
            return true;
        }

        return false;
    });

    public Task<IReadOnlyList<BatchIndexRow>> ListAsync(BatchIndexQuery query, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<BatchIndexRow>>([.. Index.Values
            .Where(row => row.Workspace == query.Workspace)
            .Where(row => query.After is null || string.CompareOrdinal(row.BatchId, query.After) < 0)
            .Where(row => query.Statuses.Count == 0 || !row.Terminal || query.Statuses.Contains(row.Status))
            .Where(row => query.SessionId is null || row.SessionId == query.SessionId)
            .Where(row => query.Metadata.All(pair => row.Metadata.Contains(pair)))
            .OrderByDescending(row => row.BatchId, StringComparer.Ordinal)
            .Take(query.Limit)]);

    public IAsyncEnumerable<BatchIndexRow> ListUnfinishedAsync(CancellationToken cancellation) =>
        Index.Values.Where(row => !row.Terminal).ToAsyncEnumerable();

    Task IBatchIndex.RemoveAsync(string workspace, string batchId, CancellationToken cancellation) =>
        OnWrite("remove index", () => Index.TryRemove(batchId, out _));

    public Task<ClaimRow?> GetAsync(string key, CancellationToken cancellation)
    {
        OnRead();
        return Task.FromResult(Claims.GetValueOrDefault(key));
    }

    public Task<bool> WriteAsync(ClaimRow row, string? expected, CancellationToken cancellation) => ResultAsync("claim", () =>
    {
        var stored = Claims.GetValueOrDefault(row.Key);
        return stored?.Tag == expected
            && (stored is null ? Claims.TryAdd(row.Key, row) : Claims.TryUpdate(row.Key, row, stored));
    });

    public Task<bool> RemoveAsync(string key, string expected, CancellationToken cancellation) => ResultAsync("remove claim", () =>
        Claims.TryGetValue(key, out var row) && row.Tag == expected && Claims.TryRemove(new(key, row)));

    public Task<int> RemoveExpiredAsync(DateTimeOffset now, CancellationToken cancellation) => ResultAsync(
        "expire claims", () => Claims.Where(pair => pair.Value.ExpiresAt <= now).Count(pair => Claims.TryRemove(pair)));

    private async Task<T> ResultAsync<T>(string name, Func<T> write)
    {
        var result = default(StrongBox<T>);
        await OnWrite(name, () => result = new(write()));
        return result is null ? throw new StorageUnavailableException($"'{name}' was not carried out.") : result.Value!;
    }
}
