using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>A blob store whose deletions a test can watch and make fail, and whose parts it can lose before a commit.</summary>
internal sealed class FaultyBlobs(IBlobStore inner) : IBlobStore
{
    /// <summary>Called with the name before every deletion; throws to make it fail.</summary>
    public Action<string> OnDelete { get; set; } = _ => { };

    /// <summary>Called with the name before every commit.</summary>
    public Func<string, Task> OnCommit { get; set; } = _ => Task.CompletedTask;

    public Task<IBlobUpload> BeginUploadAsync(string name, CancellationToken cancellation) => inner.BeginUploadAsync(name, cancellation);

    public Task<bool> PutAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellation) =>
        inner.PutAsync(name, content, cancellation);

    public Task StageAsync(string name, string blockId, ReadOnlyMemory<byte> content, CancellationToken cancellation) =>
        inner.StageAsync(name, blockId, content, cancellation);

    public Task<IReadOnlyDictionary<string, long>> ListStagedAsync(string name, CancellationToken cancellation) =>
        inner.ListStagedAsync(name, cancellation);

    public async Task<CommitResult> CommitAsync(string name, IReadOnlyList<BlobBlock> blocks, CancellationToken cancellation)
    {
        await OnCommit(name);
        return await inner.CommitAsync(name, blocks, cancellation);
    }

    public Task<Stream?> OpenReadAsync(string name, long offset, long? length, CancellationToken cancellation) =>
        inner.OpenReadAsync(name, offset, length, cancellation);

    public Task<long?> GetLengthAsync(string name, CancellationToken cancellation) => inner.GetLengthAsync(name, cancellation);

    public async Task DeleteAsync(string name, CancellationToken cancellation)
    {
        OnDelete(name);
        await inner.DeleteAsync(name, cancellation);
    }

    public IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellation) => inner.ListAsync(prefix, cancellation);
}
