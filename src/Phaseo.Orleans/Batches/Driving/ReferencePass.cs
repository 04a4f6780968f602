using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Batches.Driving;

/// <summary>
/// Finds references to files that no open row tells of: from a create that died before it made the row, or from one
/// that was overtaken by another under the same id.
/// </summary>
internal sealed partial class ReferencePass(
    IGrainFactory grains,
    IFileReferences references,
    IOpenBatches open,
    TimeProvider time,
    IOptions<DriverOptions> options,
    PhaseoMetrics metrics,
    ILogger<ReferencePass> logger)
{
    private readonly DriverOptions _options = options.Value;

    /// <summary>Releases what is left over.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        // References first: a batch that ends between the two reads has released its own by then.
        var old = await references.ListAsync(time.GetUtcNow() - _options.AbandonAfter, cancellation).ToListAsync(cancellation);
        if (old.Count == 0)
        {
            return;
        }

        var opened = await OpenIds.ReadAsync(open, cancellation);
        foreach (var reference in old.Where(reference => !opened.Contains(reference.BatchId)))
        {
            if (await IsOverAsync(reference))
            {
                await references.RemoveAsync(reference.Workspace, reference.FileId, reference.BatchId, cancellation);
                metrics.Repaired("reference");
                LogReleased(reference.FileId, reference.BatchId);
            }
        }
    }

    /// <summary>Whether the batch will never read the file: it has ended, or it never began and cannot begin any more.</summary>
    private async Task<bool> IsOverAsync(FileReference reference)
    {
        var batch = grains.GetGrain<IBatchGrain>(reference.BatchId);
        return await batch.GetAsync() is { } view
            ? view.Status.IsTerminal()
            : await batch.AbandonAsync(reference.Workspace);
    }

    [LoggerMessage(LogLevel.Information, "The reference to {FileId} that {BatchId} had left over was released")]
    private partial void LogReleased(string fileId, string batchId);
}
