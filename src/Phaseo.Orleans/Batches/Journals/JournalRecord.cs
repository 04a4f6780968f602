using Phaseo.Orleans.Billing;

namespace Phaseo.Orleans.Batches.Journals;

/// <summary>What a record says. Stored: a number is never reused.</summary>
internal enum JournalRecordKind : byte
{
    /// <summary>A new writer has taken over; its epoch is the frame's.</summary>
    Fence = 1,

    /// <summary>A round over a row's offers ended without an answer to keep; the row waits.</summary>
    Attempt = 2,

    /// <summary>A call is about to start (only after repeated deaths, engine protocol "a row that kills").</summary>
    Trying = 3,

    /// <summary>A row's final outcome.</summary>
    Result = 4,

    /// <summary>Nothing follows. Rows without a result get the seal's outcome.</summary>
    Seal = 5,

    /// <summary>The writer stopped on purpose (parked, handed back), so its end is no death.</summary>
    Pause = 6,
}

/// <summary>Why a shard ended. Stored by number.</summary>
public enum ShardOutcome : byte
{
    /// <summary>Not ended.</summary>
    None = 0,

    /// <summary>Every row has a result.</summary>
    Done = 1,

    /// <summary>Asked to stop: rows without a result are <c>batch_cancelled</c>.</summary>
    Cancelled = 2,

    /// <summary>Out of time: rows without a result are <c>batch_expired</c>.</summary>
    Expired = 3,
}

/// <summary>Which of a batch's two files a row's line goes to.</summary>
internal enum ResultFile : byte
{
    /// <summary>Answered 2xx.</summary>
    Output = 0,

    /// <summary>All else.</summary>
    Errors = 1,
}

/// <summary>What is recorded of a row's outcome besides its line.</summary>
/// <param name="Row">The row, counted from 0 over the batch.</param>
/// <param name="File">Where the line goes.</param>
/// <param name="StatusCode">The answer's status; 0 when there is none.</param>
/// <param name="Attempts">Calls made.</param>
/// <param name="CostNanos">What it costs, nano-dollars.</param>
/// <param name="Unpriced">Answered 2xx, but without usage or price.</param>
/// <param name="Provider">Who answered; empty when nobody did.</param>
/// <param name="Model">The catalog's model name; empty when it never got that far.</param>
/// <param name="ErrorCode">The contract's code for a row without an answer; empty otherwise.</param>
/// <param name="Usage">What was used.</param>
internal readonly record struct RowResult(
    int Row,
    ResultFile File,
    int StatusCode,
    int Attempts,
    long CostNanos,
    bool Unpriced,
    string Provider,
    string Model,
    string ErrorCode,
    Meters Usage)
{
    /// <summary>Of a row that no provider has answered yet.</summary>
    public static readonly RowResult None = new(0, ResultFile.Output, 0, 0, 0, false, "", "", "", default);
}

/// <summary>What is recorded when a row has to wait for another round.</summary>
/// <param name="Row">The row.</param>
/// <param name="Attempts">Calls made so far.</param>
/// <param name="Rounds">Rounds over all offers so far.</param>
/// <param name="NextAt">When the next round may start.</param>
/// <param name="Fallback">What the row's result would be if it had to end now; its line follows in the record.</param>
internal readonly record struct RowAttempt(int Row, int Attempts, int Rounds, DateTimeOffset NextAt, RowResult Fallback);
