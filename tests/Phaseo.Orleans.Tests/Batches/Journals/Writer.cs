using Phaseo.Orleans.Batches.Journals;

namespace Phaseo.Orleans.Tests.Batches.Journals;

/// <summary>Takes the journal over and records what it lacks, a row or two at a time, then seals it.</summary>
internal sealed class Writer(ShardJournal journal, long epoch, int number, int rows)
{
    public long Epoch => epoch;

    public ShardLedger Ledger => journal.Ledger;

    /// <summary>How it ended; <see cref="JournalState.Open"/>: it wrote the seal.</summary>
    public JournalState State { get; private set; }

    /// <summary>What it was told is recorded.</summary>
    public List<RowResult> Told { get; } = [];

    public async Task RunAsync()
    {
        State = await journal.FenceAsync(epoch, CancellationToken.None);
        while (State == JournalState.Open && Ledger.Recorded < rows)
        {
            await RecordAsync([.. Enumerable.Range(0, rows).Where(row => !Ledger[row].IsRecorded).Take(1 + (number % 2)).Select(ResultOf)]);
        }

        if (State == JournalState.Open)
        {
            var flush = new JournalWriter();
            flush.Seal(ShardOutcome.Done);
            State = await journal.AppendAsync(flush, CancellationToken.None);
        }
    }

    private async Task RecordAsync(List<RowResult> results)
    {
        var flush = new JournalWriter();
        results.ForEach(result => flush.Result(result, "{}\n"u8, external: false));
        State = await journal.AppendAsync(flush, CancellationToken.None);
        if (State == JournalState.Open)
        {
            Told.AddRange(results);
        }
    }

    // Each writer has answers of its own, so that whose result counts can be seen.
    private RowResult ResultOf(int row) => RowResult.None with { Row = row, Attempts = number + 1, CostNanos = (1_000 * (number + 1)) + row };
}
