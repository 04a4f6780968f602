namespace Phaseo.Orleans.Batches;

/// <summary>Where a batch stands. Stored by name.</summary>
public enum BatchStatus
{
    /// <summary>There is no such batch yet.</summary>
    None = 0,

    /// <summary>The input file is being checked.</summary>
    Validating = 1,

    /// <summary>Rows are being sent.</summary>
    InProgress = 2,

    /// <summary>Every row has its outcome, or the deadline has passed; the files are being completed.</summary>
    Finalizing = 3,

    /// <summary>Terminal: every row has an answer of its own.</summary>
    Completed = 4,

    /// <summary>Terminal: validation refused the file.</summary>
    Failed = 5,

    /// <summary>Terminal: the window ended first.</summary>
    Expired = 6,

    /// <summary>Asked to stop; calls in flight get a bounded time.</summary>
    Cancelling = 7,

    /// <summary>Terminal: stopped on request.</summary>
    Cancelled = 8,

    /// <summary>Terminal and invisible: a create that never got as far as a first state.</summary>
    Abandoned = 9,
}

/// <summary>What the statuses have in common.</summary>
public static class BatchStatuses
{
    /// <summary>Whether nothing will change any more.</summary>
    public static bool IsTerminal(this BatchStatus status) => status switch
    {
        BatchStatus.Completed or BatchStatus.Failed or BatchStatus.Expired => true,
        BatchStatus.Cancelled or BatchStatus.Abandoned => true,
        BatchStatus.None or BatchStatus.Validating or BatchStatus.InProgress => false,
        BatchStatus.Finalizing or BatchStatus.Cancelling => false,
    };

    /// <summary>The contract's word.</summary>
    public static string ToWire(this BatchStatus status) => status switch
    {
        BatchStatus.None => "none",
        BatchStatus.Validating => "validating",
        BatchStatus.InProgress => "in_progress",
        BatchStatus.Finalizing => "finalizing",
        BatchStatus.Completed => "completed",
        BatchStatus.Failed => "failed",
        BatchStatus.Expired => "expired",
        BatchStatus.Cancelling => "cancelling",
        BatchStatus.Cancelled => "cancelled",
        BatchStatus.Abandoned => "abandoned",
    };
}
