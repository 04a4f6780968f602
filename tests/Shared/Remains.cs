using System.Collections.Immutable;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Testing;

/// <summary>
/// What must be gone within a minute of a batch's terminal state (I9): everything but its record, its files and its
/// deliveries.
/// </summary>
public sealed class Remains(
    IOpenBatches open, IFileReferences references, IJournalStore journals, IBlobStore blobs, IReminderTable? reminders)
{
    private static readonly GrainType BatchGrain = GrainType.Create("batch");

    /// <summary>One violation for each thing that is still there.</summary>
    /// <param name="workspace">Whose batch it is.</param>
    /// <param name="batchId">The batch.</param>
    /// <param name="inputFileId">Its input file; no other batch may hold it.</param>
    /// <param name="shards">How many shards it can have had.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<ImmutableArray<Violation>> FindAsync(
        string workspace, string batchId, string inputFileId, int shards, CancellationToken cancellation)
    {
        var found = ImmutableArray.CreateBuilder<Violation>();
        await foreach (var row in open.ListAsync(null, cancellation))
        {
            if (row.BatchId == batchId)
            {
                found.Add(new Violation("I9", batchId, "Its open row is there."));
            }
        }

        // Null where no silo runs: then whoever asks looks into the table.
        if (reminders is not null && (await reminders.ReadRows(GrainId.Create(BatchGrain, batchId), cancellation)).Reminders.Count > 0)
        {
            found.Add(new Violation("I9", batchId, "Its reminder is there."));
        }

        if (await references.AnyAsync(workspace, inputFileId, cancellation))
        {
            found.Add(new Violation("I9", batchId, "Its input file is referenced."));
        }

        for (var shard = 0; shard < shards; shard++)
        {
            if (await journals.GetLengthAsync(new JournalId(workspace, batchId, shard), cancellation) is not null)
            {
                found.Add(new Violation("I9", batchId, $"The journal of shard {shard} is there."));
            }
        }

        await foreach (var name in blobs.ListAsync(BlobNames.WorkPrefix(workspace, batchId), cancellation))
        {
            found.Add(new Violation("I9", batchId, $"The working file {name[(name.LastIndexOf('/') + 1)..]} is there."));
        }

        string[] files = [BlobNames.Output(workspace, batchId), BlobNames.Errors(workspace, batchId), BlobNames.Rows(workspace, batchId)];
        foreach (var name in files)
        {
            var staged = await blobs.ListStagedAsync(name, cancellation);
            if (staged.Count > 0)
            {
                found.Add(new Violation("I9", batchId, $"{staged.Count} staged parts of {name[(name.LastIndexOf('/') + 1)..]} are there."));
            }
        }

        return found.ToImmutable();
    }
}
