using System.Collections.Immutable;
using Phaseo.Orleans.Batches.Shards;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Batches;

/// <summary>
/// Completes a batch's files from the saved list of parts: commits exactly those, then records the files. Safe to
/// repeat: a commit that has happened is recognised by its list.
/// </summary>
internal sealed class BatchFinisher(IBlobStore blobs, IFileRecords files, ShardCloser closer, TimeProvider time)
{
    private const int Restagings = 3;
    private static readonly TimeSpan OutputLife = TimeSpan.FromDays(30);
    private readonly BatchWorkFiles _work = new(blobs);

    /// <summary>Makes all files of the batch.</summary>
    /// <param name="batch">A state in which every shard has ended.</param>
    /// <param name="order">Makes the order for a shard whose parts must be staged again.</param>
    /// <param name="cancellation">Ends it half-way; it can be repeated.</param>
    public async Task CompleteAsync(BatchState batch, Func<int, ShardOrder> order, CancellationToken cancellation)
    {
        var parts = await ReadPartsAsync(batch, cancellation);
        for (var tries = 0; !await CommitAsync(batch, parts, cancellation); tries++)
        {
            if (tries == Restagings)
            {
                throw new InvalidDataException($"The parts of {batch.Id} do not stay staged.");
            }

            await RestageAsync(batch, order, cancellation);
        }

        FailPoint.Reach("K11");
        var tally = batch.Tally;
        await RecordAsync(batch, tally.Completed, batch.OutputFileId!, BlobNames.Output(batch.Workspace, batch.Id), "output", cancellation);
        await RecordAsync(batch, tally.Failed, batch.ErrorFileId!, BlobNames.Errors(batch.Workspace, batch.Id), "errors", cancellation);
    }

    private async Task<bool> CommitAsync(BatchState batch, ImmutableArray<ShardParts> parts, CancellationToken cancellation) =>
        await CommitAsync(BlobNames.Output(batch.Workspace, batch.Id), parts.SelectMany(part => part.Output), cancellation)
        && await CommitAsync(BlobNames.Errors(batch.Workspace, batch.Id), parts.SelectMany(part => part.Errors), cancellation)
        && await CommitAsync(BlobNames.Rows(batch.Workspace, batch.Id), parts.SelectMany(part => part.Rows), cancellation);

    private async Task<bool> CommitAsync(string name, IEnumerable<BlobBlock> blocks, CancellationToken cancellation)
    {
        ImmutableArray<BlobBlock> list = [.. blocks];
        return list.IsEmpty || await blobs.CommitAsync(name, list, cancellation) switch
        {
            CommitResult.Committed or CommitResult.AlreadyCommitted => true,
            CommitResult.MissingBlocks => false,
            CommitResult.Conflict => throw new InvalidDataException($"{name} exists and is made of other parts."),
        };
    }

    // Uncommitted parts do not live for ever; journals do, until the batch is terminal.
    private async Task RestageAsync(BatchState batch, Func<int, ShardOrder> order, CancellationToken cancellation)
    {
        for (var shard = 0; shard < batch.ShardCount; shard++)
        {
            await closer.CloseAsync(order(shard), RowOutcomes.Of(batch.Outcome), cancellation);
        }
    }

    private async Task RecordAsync(BatchState batch, int rows, string fileId, string blob, string kind, CancellationToken cancellation)
    {
        if (rows == 0)
        {
            return;
        }

        var bytes = await blobs.GetLengthAsync(blob, cancellation)
            ?? throw new InvalidDataException($"{blob} was committed and is gone.");
        var now = time.GetUtcNow();
        await files.CreateAsync(
            new(
                batch.Workspace,
                fileId,
                blob,
                bytes,
                rows,
                now,
                now + (batch.Submission!.Request.OutputExpiresAfter ?? OutputLife),
                $"{batch.Id}_{kind}.jsonl",
                "batch_output",
                Hidden: false),
            cancellation);
    }

    private async Task<ImmutableArray<ShardParts>> ReadPartsAsync(BatchState batch, CancellationToken cancellation)
    {
        var ends = batch.Ends.ToList();
        foreach (var segment in batch.EndFiles)
        {
            ends.AddRange(await _work.ReadEndsAsync(segment.File, cancellation));
        }

        var parts = ImmutableArray.CreateBuilder<ShardParts>(ends.Count);
        foreach (var end in ends.OrderBy(end => end.Shard))
        {
            parts.Add(end.Parts ?? await _work.ReadPartsAsync(end.File!, cancellation));
        }

        return parts.MoveToImmutable();
    }
}
