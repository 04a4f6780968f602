using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Phaseo.Orleans.Batches.Creation;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Batches.Driving;

/// <summary>
/// One look at the open rows: wakes the batches that are owed something, and gives up the creates that never got as
/// far as a first state. Any number of silos may do it at once; what they repeat is harmless.
/// </summary>
internal sealed partial class OpenBatchPass(
    IGrainFactory grains,
    IOpenBatches open,
    Leftovers leftovers,
    HashRange range,
    TimeProvider time,
    IOptions<DriverOptions> options,
    PhaseoMetrics metrics,
    ILogger<OpenBatchPass> logger)
{
    // A batch that is silent for so many times StaleAfter is anybody's: whose it is may not have noticed.
    private const int OthersToo = 3;

    private readonly DriverOptions _options = options.Value;

    /// <summary>Looks at every open batch of this silo's range: when the silo starts, and when silos came or went.</summary>
    /// <param name="reason">Why, for the metrics: <c>start</c> or <c>members</c>.</param>
    /// <param name="cancellation">Ends it early.</param>
    public Task AllAsync(string reason, CancellationToken cancellation)
    {
        var isMine = range.Now();
        return RunAsync(null, row => isMine(row.BatchId), reason, cancellation);
    }

    /// <summary>Looks at the batches of this silo's range that have not been heard of for a while, at others after longer.</summary>
    public Task StaleAsync(CancellationToken cancellation)
    {
        var isMine = range.Now();
        var now = time.GetUtcNow();
        return RunAsync(
            now - _options.StaleAfter,
            row => isMine(row.BatchId) || row.Heartbeat < now - (_options.StaleAfter * OthersToo),
            "stale",
            cancellation);
    }

    private async Task RunAsync(DateTimeOffset? olderThan, Func<OpenBatch, bool> isWanted, string reason, CancellationToken cancellation)
    {
        // The rows are read to the end before any is acted upon: acting writes to the store they come from.
        var rows = await open.ListAsync(olderThan, cancellation).Where(isWanted).ToListAsync(cancellation);
        Mutant.Change("nobody-drives", ref rows, []);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = _options.Parallelism, CancellationToken = cancellation };
        await Parallel.ForEachAsync(rows, parallel, async (row, token) =>
        {
            try
            {
                await VisitAsync(row, reason, token);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // One batch's trouble is not the others'; its turn comes again.
                LogNotDriven(row.BatchId, e);
            }
        });
    }

    private async Task VisitAsync(OpenBatch row, string reason, CancellationToken cancellation)
    {
        var batch = grains.GetGrain<IBatchGrain>(row.BatchId);
        if (row.CreatedAt > time.GetUtcNow() - _options.AbandonAfter || !await batch.AbandonAsync(row.Workspace))
        {
            await batch.DriveAsync();
            metrics.BatchDriven(reason);
            return;
        }

        await leftovers.RemoveAsync(row.Workspace, row.FileId, row.BatchId, cancellation);
        metrics.Repaired("create");
        LogAbandoned(row.BatchId);
    }

    [LoggerMessage(LogLevel.Warning, "Batch {BatchId} could not be driven")]
    private partial void LogNotDriven(string batchId, Exception exception);

    [LoggerMessage(LogLevel.Information, "Batch {BatchId} was abandoned: its create never saved a state")]
    private partial void LogAbandoned(string batchId);
}
