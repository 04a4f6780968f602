using System.Diagnostics;
using Phaseo.Orleans.Batches.Journals;

namespace Phaseo.Orleans.Batches;

/// <summary>How a batch's outcome ends its shards.</summary>
internal static class RowOutcomes
{
    /// <summary>What rows without a result get.</summary>
    public static ShardOutcome Of(BatchStatus outcome) => outcome switch
    {
        BatchStatus.Completed => ShardOutcome.Done,
        BatchStatus.Cancelled or BatchStatus.Cancelling => ShardOutcome.Cancelled,
        BatchStatus.Expired => ShardOutcome.Expired,
        BatchStatus.None or BatchStatus.Validating or BatchStatus.InProgress or BatchStatus.Finalizing => Never(outcome),
        BatchStatus.Failed or BatchStatus.Abandoned => Never(outcome),
    };

    private static ShardOutcome Never(BatchStatus outcome) => throw new UnreachableException($"{outcome} is no outcome of rows.");
}
