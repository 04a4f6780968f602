using System.Collections.Immutable;
using Phaseo.Orleans.Batches.Journals;
using Phaseo.Orleans.Batches.Shards;
using Phaseo.Orleans.Files;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Batches;

/// <summary>
/// Gives a batch's results in input order up to the first row that is not recorded yet: from the journals while it
/// runs, from the files (put together by the row table) once it is terminal.
/// </summary>
public sealed class BatchResults
{
    private readonly IGrainFactory _grains;
    private readonly IJournalStore _journals;
    private readonly IBlobStore _blobs;
    private readonly TimeProvider _time;

    /// <summary>Reads from the stores of this silo.</summary>
    public BatchResults(IGrainFactory grains, IJournalStore journals, IBlobStore blobs, TimeProvider time) =>
        (_grains, _journals, _blobs, _time) = (grains, journals, blobs, time);

    /// <summary>One page.</summary>
    /// <param name="workspace">Whose batch.</param>
    /// <param name="batchId">The batch.</param>
    /// <param name="afterLine">Only rows behind this line of the input; 0 from the start.</param>
    /// <param name="limit">Rows at most.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Null: no such batch in this workspace.</returns>
    public async Task<ResultsPage?> ReadAsync(
        string workspace, string batchId, int afterLine, int limit, CancellationToken cancellation)
    {
        // A journal that is gone means that the batch has ended meanwhile: then the files answer.
        while (true)
        {
            var progress = await _grains.GetGrain<IBatchGrain>(batchId).GetProgressAsync();
            if (progress is null || progress.Workspace != workspace)
            {
                return null;
            }

            var page = progress.IsTerminal
                ? await ReadFilesAsync(progress, batchId, afterLine, limit, cancellation)
                : await ReadJournalsAsync(progress, batchId, afterLine, limit, cancellation);
            if (page is not null)
            {
                return page;
            }
        }
    }

    private async Task<ResultsPage?> ReadJournalsAsync(
        BatchProgress batch, string batchId, int afterLine, int limit, CancellationToken cancellation)
    {
        var lines = ImmutableArray.CreateBuilder<ResultsLine>();
        var plan = batch.OnlyShard is { } only ? [only]
            : batch.PlanFile is { } file ? await new BatchWorkFiles(_blobs).ReadPlanAsync(file, cancellation)
            : ImmutableArray<ShardSlice>.Empty;
        for (var shard = 0; shard < plan.Length && lines.Count < limit; shard++)
        {
            if (shard + 1 < plan.Length && plan[shard + 1].FirstLine <= afterLine + 1)
            {
                continue;
            }

            var id = new JournalId(batch.Workspace, batchId, shard);
            var ledger = new ShardLedger(plan[shard].FirstRow, plan[shard].Rows);
            var state = await new ShardJournal(_journals, id, ledger, _time).CatchUpAsync(cancellation);
            if (state == JournalState.Missing)
            {
                return shard < batch.NextShard && await HasEndedAsync(batchId) ? null : new(lines.ToImmutable(), IsComplete: false);
            }

            using var input = await ShardInput.LoadAsync(_blobs, batch.InputBlob, plan[shard], cancellation);
            if (!await AddAsync(lines, ledger, input, id, afterLine, limit, cancellation))
            {
                break;
            }
        }

        return new(lines.ToImmutable(), IsComplete: false);
    }

    private async Task<bool> HasEndedAsync(string batchId) =>
        await _grains.GetGrain<IBatchGrain>(batchId).GetProgressAsync() is null or { IsTerminal: true };

    private async Task<bool> AddAsync(
        ImmutableArray<ResultsLine>.Builder lines, ShardLedger ledger, ShardInput input, JournalId id, int afterLine, int limit, CancellationToken cancellation)
    {
        var source = new JournalLines(_journals, _blobs, id);
        foreach (var row in input.Rows)
        {
            if (row.Line <= afterLine)
            {
                continue;
            }

            var entry = ledger[row.Row];
            if (!entry.IsRecorded || lines.Count == limit)
            {
                return false;
            }

            lines.Add(new(row.Line, await source.ReadAsync(entry.Line, cancellation)));
        }

        return true;
    }

    private async Task<ResultsPage?> ReadFilesAsync(
        BatchProgress batch, string batchId, int afterLine, int limit, CancellationToken cancellation)
    {
        var lines = ImmutableArray.CreateBuilder<ResultsLine>();
        var table = BlobNames.Rows(batch.Workspace, batchId);
        var length = await _blobs.GetLengthAsync(table, cancellation) ?? 0;
        var (output, errors) = (0L, 0L);
        for (var at = 0L; at < length && lines.Count < limit;)
        {
            var header = RowTable.ReadHeader(await ReadAsync(table, at, RowTable.HeaderSize, cancellation));
            var rows = await ReadAsync(table, at + RowTable.HeaderSize, header.Length, cancellation);
            var (inOutput, inErrors) = (output, errors);
            var position = 0;
            for (var row = 0; row < header.Rows && lines.Count < limit; row++)
            {
                var entry = RowTable.ReadRow(rows, header.FirstRow + row, ref position);
                var isOutput = entry.File == ResultFile.Output;
                if (entry.Line > afterLine)
                {
                    var name = isOutput ? BlobNames.Output(batch.Workspace, batchId) : BlobNames.Errors(batch.Workspace, batchId);
                    lines.Add(new(entry.Line, await ReadAsync(name, isOutput ? inOutput : inErrors, entry.Length, cancellation)));
                }

                (inOutput, inErrors) = isOutput ? (inOutput + entry.Length, inErrors) : (inOutput, inErrors + entry.Length);
            }

            at += RowTable.HeaderSize + header.Length;
            (output, errors) = (output + header.OutputLength, errors + header.ErrorLength);
        }

        return new(lines.ToImmutable(), IsComplete: lines.Count < limit);
    }

    private async Task<byte[]> ReadAsync(string name, long offset, int length, CancellationToken cancellation)
    {
        var stream = await _blobs.OpenReadAsync(name, offset, length, cancellation)
            ?? throw new InvalidDataException($"{name} is gone.");
        await using (stream)
        {
            var bytes = new byte[length];
            await stream.ReadExactlyAsync(bytes, cancellation);
            return bytes;
        }
    }
}

/// <summary>A page of results.</summary>
/// <param name="Lines">Result lines in input order, line feed included.</param>
/// <param name="IsComplete">The batch is terminal and nothing follows.</param>
public sealed record ResultsPage(ImmutableArray<ResultsLine> Lines, bool IsComplete);

/// <summary>One result: the input line it belongs to, and its own line.</summary>
public readonly record struct ResultsLine(int Line, ReadOnlyMemory<byte> Bytes);
