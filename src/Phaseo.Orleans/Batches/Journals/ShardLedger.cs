using System.Collections.Immutable;
using Phaseo.Orleans.Billing;

namespace Phaseo.Orleans.Batches.Journals;

/// <summary>
/// What a shard's journal says, folded frame by frame: the outcome of each row, the writer in charge, and the sums.
/// The same frames give the same ledger, whoever reads them.
/// </summary>
internal sealed class ShardLedger(int firstRow, int rows)
{
    private readonly RowEntry[] _rows = new RowEntry[rows];
    private readonly Dictionary<string, int> _providers = [];
    private int _completed;
    private int _failed;
    private Meters _usage;
    private long _costNanos;
    private int? _trying;
    private bool _progressed = true;
    private bool _paused;

    /// <summary>The first row, counted over the batch.</summary>
    public int FirstRow => firstRow;

    /// <summary>How many rows the shard has.</summary>
    public int Rows => rows;

    /// <summary>Rows with a result.</summary>
    public int Recorded { get; private set; }

    /// <summary>The epoch of the writer in charge; 0 before the first fence.</summary>
    public long Epoch { get; private set; }

    /// <summary>The random id of the writer in charge.</summary>
    public Guid Activation { get; private set; }

    /// <summary>Why the shard ended; <see cref="ShardOutcome.None"/> while it has not.</summary>
    public ShardOutcome Outcome { get; private set; }

    /// <summary>Starts in a row that ended with no record between their fences and without a pause.</summary>
    public int SilentDeaths { get; private set; }

    /// <summary>How the writer in charge came to be it.</summary>
    public LedgerStart Start { get; private set; }

    /// <summary>Rows, usage and cost of all recorded rows.</summary>
    public ShardTally Tally => new()
    {
        Completed = _completed,
        Failed = _failed,
        Usage = _usage,
        CostNanos = _costNanos,
        Providers = _providers.ToImmutableSortedDictionary(),
    };

    /// <summary>What is known of a row, counted over the batch.</summary>
    public ref readonly RowEntry this[int row] => ref _rows[row - firstRow];

    /// <summary>Takes in one frame that is in the journal at <paramref name="position"/>.</summary>
    public void Fold(in JournalFrameHeader header, long position, ReadOnlySpan<byte> payload)
    {
        var reader = new JournalReader(payload);
        while (reader.Read())
        {
            switch (reader.Kind)
            {
                case JournalRecordKind.Fence:
                    Fenced(header);
                    break;
                case JournalRecordKind.Attempt:
                    Waits(reader.Attempt(out var waitLine), At(position, waitLine));
                    break;
                case JournalRecordKind.Trying:
                    _trying = reader.Trying();
                    break;
                case JournalRecordKind.Result:
                    Ends(reader.Result(out var line), At(position, line));
                    break;
                case JournalRecordKind.Seal:
                    Outcome = reader.Outcome();
                    break;
                case JournalRecordKind.Pause:
                    Progress();
                    _paused = true;
                    break;
            }
        }
    }

    private static JournalSpan At(long position, RecordLine line) =>
        new(position + JournalFrame.HeaderSize + line.Offset, line.Length, line.External);

    private void Fenced(in JournalFrameHeader header)
    {
        SilentDeaths = _progressed ? 0 : SilentDeaths + 1;
        _progressed = false;
        if (_trying is { } row)
        {
            _rows[row - firstRow].Killed++;
            _trying = null;
        }

        Start = Epoch == 0 ? LedgerStart.First : _paused ? LedgerStart.Resumed : LedgerStart.TakenOver;
        _paused = false;
        (Epoch, Activation) = (header.Epoch, header.Activation);
    }

    private void Waits(in RowAttempt attempt, JournalSpan line)
    {
        Progress();
        ref var entry = ref _rows[attempt.Row - firstRow];
        (entry.Attempts, entry.Rounds, entry.NextAt) = (attempt.Attempts, attempt.Rounds, attempt.NextAt);
        if (line.Length > 0)
        {
            (entry.Result, entry.Line) = (attempt.Fallback, line);
        }
    }

    private void Ends(in RowResult result, JournalSpan line)
    {
        Progress();
        ref var entry = ref _rows[result.Row - firstRow];
        var isSecond = entry.IsRecorded;
        Mutant.Change("redispatch", ref isSecond, false);
        if (isSecond)
        {
            throw new InvalidDataException($"Row {result.Row} has two results in one journal.");
        }

        (entry.IsRecorded, entry.Result, entry.Line) = (true, result, line);
        Recorded++;
        Mutant.Change("usage-forgotten", ref _usage, default);
        _usage += result.Usage;
        _costNanos += result.CostNanos;
        if (result.File == ResultFile.Output)
        {
            _completed++;
            _providers[result.Provider] = _providers.GetValueOrDefault(result.Provider) + 1;
        }
        else
        {
            _failed++;
        }
    }

    private void Progress()
    {
        _progressed = true;
        _trying = null;
        SilentDeaths = 0;
    }
}

/// <summary>What a writer found when it took a journal over.</summary>
internal enum LedgerStart
{
    /// <summary>There is no writer yet.</summary>
    None = 0,

    /// <summary>An empty journal.</summary>
    First = 1,

    /// <summary>The writer before it had stopped on purpose.</summary>
    Resumed = 2,

    /// <summary>The writer before it had not said that it stops.</summary>
    TakenOver = 3,
}

/// <summary>What a journal says of one row.</summary>
internal struct RowEntry
{
    /// <summary>Whether the row has its result.</summary>
    public bool IsRecorded;

    /// <summary>Calls made in rounds that ended.</summary>
    public int Attempts;

    /// <summary>Rounds that ended.</summary>
    public int Rounds;

    /// <summary>When the next round may start; the epoch's beginning if at once.</summary>
    public DateTimeOffset NextAt;

    /// <summary>Times that the process died while this row alone was running.</summary>
    public int Killed;

    /// <summary>The result; of a waiting row, what it would be if it had to end now.</summary>
    public RowResult Result;

    /// <summary>Where the result's line is; of a waiting row, its last answer; empty if no provider has answered.</summary>
    public JournalSpan Line;
}

/// <summary>A line's place in a journal; external: those bytes name the blob that holds the line.</summary>
internal readonly record struct JournalSpan(long Position, int Length, bool External);
