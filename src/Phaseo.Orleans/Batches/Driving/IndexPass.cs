using Microsoft.Extensions.Logging;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Batches.Driving;

/// <summary>
/// Finds index rows that say a batch still runs though it has ended and nobody will write the row again: storage lost
/// a write that it had acknowledged. A list is right even then, since it asks the grain of every such row; the repair
/// saves it the asking. Without faults there is nothing to find: a batch's open row goes only after its index row
/// was written.
/// </summary>
internal sealed partial class IndexPass(
    IGrainFactory grains, IBatchIndex index, IOpenBatches open, TimeProvider time, PhaseoMetrics metrics, ILogger<IndexPass> logger)
{
    /// <summary>A batch that ended later than this ago may have written its row since we read it.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(1);

    /// <summary>Rewrites what is out of date.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var unfinished = await index.ListUnfinishedAsync(cancellation).Select(row => row.BatchId).ToListAsync(cancellation);
        if (unfinished.Count == 0)
        {
            return;
        }

        var opened = await OpenIds.ReadAsync(open, cancellation);
        foreach (var batchId in unfinished.Where(id => !opened.Contains(id)))
        {
            if (await grains.GetGrain<IBatchGrain>(batchId).GetAsync() is { } batch
                && EndedAt(batch) <= time.GetUtcNow() - Settled
                && await index.UpsertAsync(BatchSnapshot.ToRow(batch), cancellation))
            {
                metrics.Repaired("index");
                LogRepaired(batchId);
            }
        }
    }

    private static DateTimeOffset? EndedAt(BatchView batch) => batch.Status.IsTerminal()
        ? batch.CompletedAt ?? batch.FailedAt ?? batch.ExpiredAt ?? batch.CancelledAt
        : null;

    [LoggerMessage(LogLevel.Warning, "The index row of {BatchId} was behind its terminal state and was written again")]
    private partial void LogRepaired(string batchId);
}
