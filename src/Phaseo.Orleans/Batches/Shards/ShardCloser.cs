using Phaseo.Orleans.Batches.Journals;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Batches.Shards;

/// <summary>
/// Ends a shard without its activation: fences and seals its journal, then stages it. For shards that parked, never
/// ran, or do not answer, and for journals that were sealed by a writer that died before it could tell.
/// </summary>
internal sealed class ShardCloser(IJournalStore journals, IBlobStore blobs, TimeProvider time)
{
    private readonly ShardStaging _staging = new(journals, blobs);

    /// <summary>
    /// Closes it under the order's epoch, which must be saved and higher than any before. Null: somebody with a
    /// higher epoch is in charge.
    /// </summary>
    public async Task<ShardEnd?> CloseAsync(ShardOrder order, ShardOutcome outcome, CancellationToken cancellation)
    {
        using var input = await StorageRetry.UntilAnsweredAsync(
            time, token => ShardInput.LoadAsync(blobs, order.InputBlob, order.Slice, token), cancellation);
        var ledger = new ShardLedger(order.Slice.FirstRow, order.Slice.Rows);
        var journal = new ShardJournal(journals, order.Journal, ledger, time);
        var state = await journal.FenceAsync(order.Epoch, cancellation);
        if (state == JournalState.Open)
        {
            var seal = new JournalWriter();
            seal.Seal(ledger.Recorded == ledger.Rows ? ShardOutcome.Done : outcome);
            state = await journal.AppendAsync(seal, cancellation);
        }

        if (state == JournalState.Fenced)
        {
            return null;
        }

        // A shard that was never chosen has no journal: staged as if it were empty and sealed with the outcome.
        var sealedAs = state == JournalState.Missing ? outcome : ledger.Outcome;
        return await StorageRetry.UntilAnsweredAsync(
            time, token => _staging.StageAsync(order, input, ledger, journal.Position, sealedAs, token), cancellation);
    }
}
