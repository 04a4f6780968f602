using CommunityToolkit.HighPerformance.Buffers;
using Phaseo.Orleans.Batches.Journals;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Batches.Shards;

/// <summary>
/// Turns a sealed journal into the shard's parts of the batch's files: lines in input order, a pure function of
/// journal and input. Whoever does it, and however often, stages the same blocks.
/// </summary>
internal sealed class ShardStaging(IJournalStore journals, IBlobStore blobs)
{
    /// <summary>Stages all parts.</summary>
    /// <param name="order">The shard.</param>
    /// <param name="input">Its rows.</param>
    /// <param name="ledger">What its journal says; empty for a shard that never had one.</param>
    /// <param name="journalLength">The journal's end; 0 for none.</param>
    /// <param name="outcome">What rows without a result get.</param>
    /// <param name="cancellation">Ends it half-way; nothing needs undoing.</param>
    public async Task<ShardEnd> StageAsync(
        ShardOrder order, ShardInput input, ShardLedger ledger, long journalLength, ShardOutcome outcome, CancellationToken cancellation)
    {
        var output = new StagedFile(blobs, BlobNames.Output(order.Workspace, order.Batch), order.Shard);
        var errors = new StagedFile(blobs, BlobNames.Errors(order.Workspace, order.Batch), order.Shard);
        var lines = new JournalLines(journals, blobs, order.Journal);
        await lines.PreloadAsync(journalLength, cancellation);
        var faults = new RowLines(order.Batch);
        var table = new ArrayPoolBufferWriter<byte>(64 * 1024);
        var tally = ledger.Tally;
        foreach (var row in input.Rows)
        {
            var customId = input.PartsOf(row).CustomId;
            var entry = ledger[row.Row];
            var isStaged = true;
            Mutant.Change("unanswered-dropped", ref isStaged, entry.IsRecorded);
            if (!isStaged)
            {
                continue;
            }

            var (result, line) = entry.IsRecorded
                ? (entry.Result, await lines.GetAsync(entry.Line, cancellation))
                : faults.Fault(row, customId, entry.Attempts, RowFault.Of(outcome));
            tally = entry.IsRecorded ? tally : tally with { Failed = tally.Failed + 1 };
            await (result.File == ResultFile.Output ? output : errors).AddAsync(line, cancellation);
            RowTable.WriteRow(table, row.Line, line.Length, result, customId.Of(row.Bytes.Span));
        }

        var rows = new StagedFile(blobs, BlobNames.Rows(order.Workspace, order.Batch), order.Shard);
        var header = new ArrayPoolBufferWriter<byte>(RowTable.HeaderSize);
        RowTable.WriteHeader(header, new(input.Rows.Length, order.Slice.FirstRow, table.WrittenCount, output.Length, errors.Length));
        await rows.AddAsync(header.WrittenMemory, cancellation);
        await rows.AddAsync(table.WrittenMemory, cancellation);
        var end = new ShardEnd
        {
            Output = await output.FinishAsync(cancellation),
            Errors = await errors.FinishAsync(cancellation),
            Rows = await rows.FinishAsync(cancellation),
            Tally = tally,
        };

        // Pooled memory goes back only from here: after a failure storage may still be at work on it.
        foreach (var pooled in (IDisposable[])[output, errors, rows, lines, table, header])
        {
            pooled.Dispose();
        }

        return end;
    }
}
