using Microsoft.Extensions.Logging;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Files.Purging;

/// <summary>
/// Removes the bytes of deleted and expired files that no batch holds. A batch takes its reference and then looks
/// whether the file is live; here the file is hidden and then its references are looked for. Both writes are durable
/// before both looks, so one side always sees the other, whatever their clocks say.
/// </summary>
internal sealed partial class DeadFilePass(
    IFileRecords files, IFileReferences references, IBlobStore blobs, TimeProvider time, ILogger<DeadFilePass> logger)
{
    /// <summary>Looks at all dead files once. Any number of silos may do it at once.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        // Read to the end before any is removed: removing writes to the store they come from.
        var dead = await files.ListDeadAsync(time.GetUtcNow(), cancellation).ToListAsync(cancellation);
        foreach (var file in dead)
        {
            await PurgeAsync(file, cancellation);
        }
    }

    private async Task PurgeAsync(FileRecord file, CancellationToken cancellation)
    {
        if (!file.Hidden)
        {
            await files.HideAsync(file.Workspace, file.Id, cancellation);
        }

        if (await references.AnyAsync(file.Workspace, file.Id, cancellation))
        {
            return;
        }

        // The record goes last: it is what leads the next pass to bytes that are still there.
        await blobs.DeleteAsync(file.BlobName, cancellation);
        await files.RemoveAsync(file.Workspace, file.Id, cancellation);
        LogPurged(file.Id, file.Bytes);
    }

    [LoggerMessage(LogLevel.Information, "File {FileId} was purged, {Bytes} bytes")]
    private partial void LogPurged(string fileId, long bytes);
}
