using Azure;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace Phaseo.Orleans.AzureStores.Blobs;

/// <summary>Reading of blobs of any kind.</summary>
internal static class RangeReads
{
    /// <summary>Opens a range, cut where the blob ended when it was opened; null when there is no such blob.</summary>
    public static Task<Stream?> OpenAsync(BlobBaseClient blob, long offset, long? length, CancellationToken cancellation) =>
        AzureCalls.RunAsync<Stream?>("read", async () =>
        {
            if (length == 0)
            {
                return await GetLengthAsync(blob, cancellation).ConfigureAwait(false) is null ? null : Stream.Null;
            }

            try
            {
                var range = offset == 0 && length is null ? default : new HttpRange(offset, length);
                var read = await blob.DownloadStreamingAsync(new BlobDownloadOptions { Range = range }, cancellation).ConfigureAwait(false);
                return new AzureReadStream(read.Value.Content);
            }
            catch (RequestFailedException e) when (e.Status == 404)
            {
                return null;
            }
            catch (RequestFailedException e) when (e.Status == 416)
            {
                return Stream.Null;
            }
        });

    /// <summary>The blob's length; null when there is no such blob.</summary>
    public static Task<long?> GetLengthAsync(BlobBaseClient blob, CancellationToken cancellation) =>
        AzureCalls.RunAsync<long?>("get", async () =>
        {
            try
            {
                return (await blob.GetPropertiesAsync(cancellationToken: cancellation).ConfigureAwait(false)).Value.ContentLength;
            }
            catch (RequestFailedException e) when (e.Status == 404)
            {
                return null;
            }
        });
}
