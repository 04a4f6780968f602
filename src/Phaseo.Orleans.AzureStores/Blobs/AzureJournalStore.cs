using System.Globalization;
using Azure;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.AzureStores.Blobs;

/// <summary>
/// Journals as append blobs: the service itself compares the position with the blob's length (<c>x-ms-blob-condition-appendpos</c>),
/// and a block is there whole or not at all.
/// </summary>
internal sealed class AzureJournalStore(AzureHome home) : IJournalStore
{
    /// <inheritdoc/>
    public Task<bool> CreateAsync(JournalId id, CancellationToken cancellation) => AzureCalls.RunAsync("create journal", async () =>
    {
        try
        {
            var create = new AppendBlobCreateOptions
            {
                Conditions = new AppendBlobRequestConditions { IfNoneMatch = ETag.All },
                Metadata = new Dictionary<string, string>
                {
                    ["batch"] = id.Batch,
                    ["shard"] = id.Shard.ToString(CultureInfo.InvariantCulture),
                },
            };
            await Blob(id).CreateAsync(create, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException e) when (AzureBlobStore.IsThere(e))
        {
            return false;
        }
    });

    /// <inheritdoc/>
    public Task<AppendResult> AppendAsync(JournalId id, long position, ReadOnlyMemory<byte> flush, CancellationToken cancellation) =>
        AzureCalls.RunAsync("append", async () =>
        {
            try
            {
                var append = new AppendBlobAppendBlockOptions
                {
                    Conditions = new AppendBlobRequestConditions { IfAppendPositionEqual = position },
                };
                await using var bytes = BytesStreams.Of(flush);
                await Blob(id).AppendBlockAsync(bytes, append, cancellation).ConfigureAwait(false);
                return AppendResult.Appended;
            }
            catch (RequestFailedException e) when (e.Status == 412)
            {
                return AppendResult.PositionTaken;
            }
            catch (RequestFailedException e) when (e.Status == 404)
            {
                return AppendResult.Missing;
            }
        });

    /// <inheritdoc/>
    public Task<Stream?> OpenReadAsync(JournalId id, long position, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        return RangeReads.OpenAsync(Blob(id), position, null, cancellation);
    }

    /// <inheritdoc/>
    public Task<long?> GetLengthAsync(JournalId id, CancellationToken cancellation) => RangeReads.GetLengthAsync(Blob(id), cancellation);

    /// <inheritdoc/>
    public Task DeleteAsync(JournalId id, CancellationToken cancellation) => AzureCalls.RunAsync(
        "delete journal", async () => await Blob(id).DeleteIfExistsAsync(cancellationToken: cancellation).ConfigureAwait(false));

    private AppendBlobClient Blob(JournalId id) => home.Journals.GetAppendBlobClient(BlobNames.Checked(id.Name));
}
