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
    /// <param name="maxBytes">Where a page ends in any case; its last row may go beyond.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Null: no such batch in this workspace.</returns>
    public async Task<ResultsPage?> ReadAsync(
        string workspace, string batchId, int afterLine, int limit, int maxBytes, CancellationToken cancellation)
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
                ? await ReadFilesAsync(progress, batchId, new(afterLine, limit, maxBytes), cancellation)
                : await ReadJournalsAsync(progress, batchId, new(afterLine, limit, maxBytes), cancellation);
            if (page is not null)
            {
                return page;
            }
        }
    }

    private async Task<ResultsPage?> ReadJournalsAsync(
        BatchProgress batch, string batchId, PageBuilder page, CancellationToken cancellation)
    {
        var plan = batch.OnlyShard is { } only ? [only]
            : batch.PlanFile is { } file ? await new BatchWorkFiles(_blobs).ReadPlanAsync(file, cancellation)
            : ImmutableArray<ShardSlice>.Empty;
        for (var shard = 0; shard < plan.Length && !page.IsFull; shard++)
        {
            if (shard + 1 < plan.Length && plan[shard + 1].FirstLine <= page.AfterLine + 1)
            {
                continue;
            }

            var id = new JournalId(batch.Workspace, batchId, shard);
            var ledger = new ShardLedger(plan[shard].FirstRow, plan[shard].Rows);
            var journal = new ShardJournal(_journals, id, ledger, _time);
            var state = await journal.CatchUpAsync(cancellation);
            if (state == JournalState.Missing)
            {
                return shard < batch.NextShard && await HasEndedAsync(batchId) ? null : page.Build(isComplete: false);
            }

            using var input = await ShardInput.LoadAsync(_blobs, batch.InputBlob, plan[shard], cancellation);
            var source = new JournalLines(_journals, _blobs, id);
            await source.PreloadAsync(journal.Position, cancellation);
            if (!await AddAsync(page, ledger, input, source, cancellation))
            {
                break;
            }
        }

        return page.Build(isComplete: false);
    }

    private async Task<bool> HasEndedAsync(string batchId) =>
        await _grains.GetGrain<IBatchGrain>(batchId).GetProgressAsync() is null or { IsTerminal: true };

    private static async Task<bool> AddAsync(
        PageBuilder page, ShardLedger ledger, ShardInput input, JournalLines source, CancellationToken cancellation)
    {
        foreach (var row in input.Rows)
        {
            if (row.Line <= page.AfterLine)
            {
                continue;
            }

            var entry = ledger[row.Row];
            if (!entry.IsRecorded || page.IsFull)
            {
                return false;
            }

            page.Add(new(row.Line, await source.GetAsync(entry.Line, cancellation)));
        }

        return true;
    }

    private async Task<ResultsPage?> ReadFilesAsync(
        BatchProgress batch, string batchId, PageBuilder page, CancellationToken cancellation)
    {
        var table = BlobNames.Rows(batch.Workspace, batchId);
        var length = await _blobs.GetLengthAsync(table, cancellation) ?? 0;
        var (output, errors) = (0L, 0L);
        for (var at = 0L; at < length && !page.IsFull;)
        {
            var header = RowTable.ReadHeader(await ReadAsync(table, at, RowTable.HeaderSize, cancellation));
            var rows = await ReadAsync(table, at + RowTable.HeaderSize, header.Length, cancellation);
            var (inOutput, inErrors) = (output, errors);
            var position = 0;
            for (var row = 0; row < header.Rows && !page.IsFull; row++)
            {
                var entry = RowTable.ReadRow(rows, header.FirstRow + row, ref position);
                var isOutput = entry.File == ResultFile.Output;
                if (entry.Line > page.AfterLine)
                {
                    var name = isOutput ? BlobNames.Output(batch.Workspace, batchId) : BlobNames.Errors(batch.Workspace, batchId);
                    page.Add(new(entry.Line, await ReadAsync(name, isOutput ? inOutput : inErrors, entry.Length, cancellation)));
                }

                (inOutput, inErrors) = isOutput ? (inOutput + entry.Length, inErrors) : (inOutput, inErrors + entry.Length);
            }

            at += RowTable.HeaderSize + header.Length;
            (output, errors) = (output + header.OutputLength, errors + header.ErrorLength);
        }

        return page.Build(isComplete: !page.IsFull);
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

    private sealed class PageBuilder(int afterLine, int limit, int maxBytes)
    {
        private readonly ImmutableArray<ResultsLine>.Builder _lines = ImmutableArray.CreateBuilder<ResultsLine>();
        private long _bytes;

        public int AfterLine => afterLine;

        public bool IsFull => _lines.Count >= limit || _bytes >= maxBytes;

        public void Add(ResultsLine line)
        {
            _lines.Add(line);
            _bytes += line.Bytes.Length;
        }

        public ResultsPage Build(bool isComplete) => new(_lines.ToImmutable(), isComplete);
    }
}

/// <summary>A page of results.</summary>
/// <param name="Lines">Result lines in input order, line feed included.</param>
/// <param name="IsComplete">The batch is terminal and nothing follows.</param>
public sealed record ResultsPage(ImmutableArray<ResultsLine> Lines, bool IsComplete);

/// <summary>One result: the input line it belongs to, and its own line.</summary>
public readonly record struct ResultsLine(int Line, ReadOnlyMemory<byte> Bytes);
