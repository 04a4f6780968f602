using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Batches.Reading;

/// <summary>
/// What a client may see of its batches. An id of another workspace, an abandoned one and one that is no id at all
/// look like one that never existed; the last wakes no grain.
/// </summary>
public sealed class BatchReader(IGrainFactory grains, IBatchIndex index)
{
    /// <summary>How many grains one list asks at a time.</summary>
    private const int AskedAtOnce = 16;

    /// <summary>The batch as last saved; null: there is none here.</summary>
    public async Task<BatchView?> GetAsync(string workspace, string batchId)
    {
        if (!Ids.IsBatch(batchId))
        {
            return null;
        }

        var batch = await grains.GetGrain<IBatchGrain>(batchId).GetAsync();
        return batch?.Workspace == workspace ? batch : null;
    }

    /// <summary>Asks the batch to stop.</summary>
    public async Task<CancelResult> CancelAsync(string workspace, string batchId) =>
        await GetAsync(workspace, batchId) is null
            ? new CancelResult(CancelOutcome.NotFound, null)
            : await grains.GetGrain<IBatchGrain>(batchId).CancelAsync();

    /// <summary>
    /// One page, newest first. A batch that may still move is shown as it is now, not as the index has it, and
    /// filtered by that. The cursor is a place in the order of ids: it need not be there (any more).
    /// </summary>
    public async Task<BatchPage> ListAsync(BatchIndexQuery query, CancellationToken cancellation)
    {
        // One more than asked for tells whether there are more.
        var wanted = query.Limit + 1;
        var found = new List<BatchView>(wanted);
        var after = query.After;
        while (found.Count < wanted)
        {
            var rows = await index.ListAsync(query with { Limit = wanted, After = after }, cancellation);
            found.AddRange((await AsTheyAreAsync(rows, cancellation)).Where(batch => Matches(batch, query)));
            if (rows.Count < wanted)
            {
                break;
            }

            after = rows[^1].BatchId;
        }

        return new BatchPage([.. found.Take(query.Limit)], HasMore: found.Count > query.Limit);
    }

    private static bool Matches(BatchView batch, BatchIndexQuery query) =>
        query.Statuses.Count == 0 || query.Statuses.Contains(batch.Status.ToWire());

    private async Task<IEnumerable<BatchView>> AsTheyAreAsync(IReadOnlyList<BatchIndexRow> rows, CancellationToken cancellation)
    {
        var views = new BatchView?[rows.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = AskedAtOnce, CancellationToken = cancellation };
        await Parallel.ForAsync(0, rows.Count, options, async (i, _) =>
        {
            var row = rows[i];
            views[i] = row.Terminal
                ? BatchSnapshot.FromRow(row)
                : await grains.GetGrain<IBatchGrain>(row.BatchId).GetAsync();
        });
        return views.OfType<BatchView>();
    }
}

/// <summary>One page of a list.</summary>
/// <param name="Batches">Newest first.</param>
/// <param name="HasMore">Whether another page follows.</param>
public sealed record BatchPage(IReadOnlyList<BatchView> Batches, bool HasMore);
