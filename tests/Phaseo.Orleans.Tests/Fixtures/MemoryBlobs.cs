using System.Collections.Concurrent;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>Blobs in memory, with parts that can vanish before they are committed, as a blob service's do after a week.</summary>
internal sealed class MemoryBlobs : IBlobStore
{
    private readonly ConcurrentDictionary<string, byte[]> _blobs = new();
    private readonly ConcurrentDictionary<(string Name, string Block), byte[]> _staged = new();

    /// <summary>Called with its name before a small blob is put.</summary>
    public Func<string, Task> OnPut { get; set; } = _ => Task.CompletedTask;

    /// <summary>A committed blob's bytes.</summary>
    public byte[] this[string name] => _blobs[name];

    /// <summary>The names of all committed blobs.</summary>
    public IEnumerable<string> Names => _blobs.Keys;

    /// <summary>All staged parts and their bytes.</summary>
    public Dictionary<(string Name, string Block), byte[]> Staged => _staged.ToDictionary();

    /// <summary>Every uncommitted part vanishes.</summary>
    public void ForgetStaged() => _staged.Clear();

    public Task<IBlobUpload> BeginUploadAsync(string name, CancellationToken cancellation) =>
        throw new NotSupportedException("No shard uploads.");

    public async Task<bool> PutAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        await OnPut(name);
        return _blobs.TryAdd(name, content.ToArray());
    }

    public Task StageAsync(string name, string blockId, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        _staged[(name, blockId)] = content.ToArray();
        return Task.CompletedTask;
    }

    public Task<IReadOnlyDictionary<string, long>> ListStagedAsync(string name, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyDictionary<string, long>>(
            _staged.Where(part => part.Key.Name == name).ToDictionary(part => part.Key.Block, part => (long)part.Value.Length));

    public Task<CommitResult> CommitAsync(string name, IReadOnlyList<BlobBlock> blocks, CancellationToken cancellation)
    {
        if (_blobs.ContainsKey(name))
        {
            return Task.FromResult(CommitResult.AlreadyCommitted);
        }

        if (blocks.Any(block => !_staged.ContainsKey((name, block.Id))))
        {
            return Task.FromResult(CommitResult.MissingBlocks);
        }

        _blobs[name] = [.. blocks.SelectMany(block => _staged[(name, block.Id)])];
        return Task.FromResult(CommitResult.Committed);
    }

    public Task<Stream?> OpenReadAsync(string name, long offset, long? length, CancellationToken cancellation) =>
        Task.FromResult<Stream?>(_blobs.TryGetValue(name, out var bytes)
            ? new MemoryStream(bytes, (int)offset, (int)Math.Min(length ?? bytes.Length, bytes.Length - offset), writable: false)
            : null);

    public Task<long?> GetLengthAsync(string name, CancellationToken cancellation) =>
        Task.FromResult(_blobs.TryGetValue(name, out var bytes) ? bytes.Length : (long?)null);

    public Task DeleteAsync(string name, CancellationToken cancellation)
    {
        _blobs.TryRemove(name, out _);
        return Task.CompletedTask;
    }

    public IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellation) =>
        _blobs.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).ToAsyncEnumerable();
}
