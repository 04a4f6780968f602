using System.Diagnostics;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Batches;

/// <summary>
/// Does what a terminal batch owes. Each act is idempotent by the batch's id and has happened when its task ends;
/// after all of them one write empties the outbox.
/// </summary>
internal sealed class BatchOutbox(IBatchIndex index, IFileReferences references, IJournalStore journals, IBlobStore blobs)
{
    /// <summary>Does one act.</summary>
    public Task DoAsync(OutboxAct act, BatchState batch, BatchView view, CancellationToken cancellation) => act switch
    {
        OutboxAct.Index => index.UpsertAsync(BatchSnapshot.ToRow(view), cancellation),
        OutboxAct.Reference => references.RemoveAsync(
            batch.Workspace, batch.Submission!.Request.InputFileId, batch.Id, cancellation),
        OutboxAct.Journals => RemoveWorkAsync(batch, cancellation),
        OutboxAct.None => throw new UnreachableException("None is no act."),
    };

    private async Task RemoveWorkAsync(BatchState batch, CancellationToken cancellation)
    {
        // The journal of a one-shard batch is made before the write that chooses it, which a cancel may have beaten.
        var shards = Math.Max(batch.NextShard, 1);
        Mutant.Change("journals-kept", ref shards, 0);
        for (var shard = 0; shard < shards; shard++)
        {
            await journals.DeleteAsync(new(batch.Workspace, batch.Id, shard), cancellation);
        }

        await foreach (var name in blobs.ListAsync(BlobNames.WorkPrefix(batch.Workspace, batch.Id), cancellation))
        {
            await blobs.DeleteAsync(name, cancellation);
        }
    }
}
