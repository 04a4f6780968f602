using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Files.Purging;

/// <summary>
/// Removes uploads that never got a record because the process died between the two. An upload's age says nothing,
/// since a slow one may have taken hours: what counts is how long this process has seen it without a record.
/// </summary>
internal sealed partial class OrphanPass(
    IFileRecords files,
    IFileReferences references,
    IBlobStore blobs,
    TimeProvider time,
    IOptions<PurgeOptions> options,
    ILogger<OrphanPass> logger)
{
    private Dictionary<string, DateTimeOffset> _firstSeen = [];

    /// <summary>Looks at all uploads once. One call at a time.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var seen = new Dictionary<string, DateTimeOffset>();
        await foreach (var blob in blobs.ListAsync("", cancellation))
        {
            if (BlobNames.TryParseUpload(blob) is { } upload && await IsOrphanAsync(blob, upload.Workspace, upload.FileId, cancellation))
            {
                seen.Add(blob, _firstSeen.GetValueOrDefault(blob, now));
            }
        }

        _firstSeen = seen;
        foreach (var (blob, first) in seen)
        {
            if (now - first >= options.Value.OrphanAge)
            {
                await blobs.DeleteAsync(blob, cancellation);
                LogRemoved(blob);
            }
        }
    }

    private async Task<bool> IsOrphanAsync(string blob, string workspace, string fileId, CancellationToken cancellation)
    {
        if (await files.GetAsync(workspace, fileId, cancellation) is { } file && file.BlobName == blob)
        {
            return false;
        }

        // A claim taken over from a dead upload gives the bytes of the new one the old one's id.
        return !await files.NamesBlobAsync(workspace, blob, cancellation)
            && !await references.AnyAsync(workspace, fileId, cancellation);
    }

    [LoggerMessage(LogLevel.Warning, "Upload {BlobName} never got a record and was removed")]
    private partial void LogRemoved(string blobName);
}
