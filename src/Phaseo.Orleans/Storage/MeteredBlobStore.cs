using Microsoft.Extensions.DependencyInjection;

namespace Phaseo.Orleans.Storage;

/// <summary>Blobs of any home, measured. The parts of an upload and of a listing are not: they take as long as their client does.</summary>
internal sealed class MeteredBlobStore([FromKeyedServices(MeteringServices.Inner)] IBlobStore inner, StorageMeter meter) : IBlobStore
{
    public Task<IBlobUpload> BeginUploadAsync(string name, CancellationToken cancellation) =>
        meter.MeasureAsync("blob.upload", () => inner.BeginUploadAsync(name, cancellation));

    public Task<bool> PutAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellation) =>
        meter.MeasureAsync("blob.put", () => inner.PutAsync(name, content, cancellation));

    public Task StageAsync(string name, string blockId, ReadOnlyMemory<byte> content, CancellationToken cancellation) =>
        meter.MeasureAsync("blob.stage", () => inner.StageAsync(name, blockId, content, cancellation));

    public Task<IReadOnlyDictionary<string, long>> ListStagedAsync(string name, CancellationToken cancellation) =>
        meter.MeasureAsync("blob.list_staged", () => inner.ListStagedAsync(name, cancellation));

    public Task<CommitResult> CommitAsync(string name, IReadOnlyList<BlobBlock> blocks, CancellationToken cancellation) =>
        meter.MeasureAsync("blob.commit", () => inner.CommitAsync(name, blocks, cancellation));

    public Task<Stream?> OpenReadAsync(string name, long offset, long? length, CancellationToken cancellation) =>
        meter.MeasureAsync("blob.open", () => inner.OpenReadAsync(name, offset, length, cancellation));

    public Task<long?> GetLengthAsync(string name, CancellationToken cancellation) =>
        meter.MeasureAsync("blob.length", () => inner.GetLengthAsync(name, cancellation));

    public Task DeleteAsync(string name, CancellationToken cancellation) =>
        meter.MeasureAsync("blob.delete", () => inner.DeleteAsync(name, cancellation));

    public IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellation) => inner.ListAsync(prefix, cancellation);
}
