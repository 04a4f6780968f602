using System.Collections.Immutable;
using Phaseo.Orleans.Files;

namespace Phaseo.Orleans.Batches;

/// <summary>Makes what clients see out of a saved state. Pure.</summary>
internal static class BatchViews
{
    /// <summary>The view; null when there is no batch to see.</summary>
    public static BatchView? Of(BatchState batch, ImmutableArray<LineFault> faults)
    {
        if (batch.Status is BatchStatus.None or BatchStatus.Abandoned || batch.Submission is not { } submission)
        {
            return null;
        }

        var tally = batch.Tally;
        var terminal = batch.Status.IsTerminal();
        return new()
        {
            Id = batch.Id,
            Workspace = batch.Workspace,
            Version = batch.Version,
            Status = batch.Status,
            Request = submission.Request,
            RequestId = submission.RequestId,
            Model = batch.Model,
            Provider = tally.Providers.IsEmpty ? null : tally.Providers.MaxBy(entry => entry.Value).Key,
            Errors = faults,
            OutputFileId = terminal && tally.Completed > 0 ? batch.OutputFileId : null,
            ErrorFileId = terminal && tally.Failed > 0 ? batch.ErrorFileId : null,
            Total = batch.Total,
            Completed = tally.Completed,
            Failed = tally.Failed,
            Usage = tally.Usage,
            CostNanos = tally.CostNanos,
            CreatedAt = submission.CreatedAt,
            ExpiresAt = batch.ExpiresAt,
            InProgressAt = batch.InProgressAt,
            FinalizingAt = batch.FinalizingAt,
            CompletedAt = At(batch, BatchStatus.Completed),
            FailedAt = At(batch, BatchStatus.Failed),
            ExpiredAt = At(batch, BatchStatus.Expired),
            CancellingAt = batch.CancellingAt,
            CancelledAt = At(batch, BatchStatus.Cancelled),
        };
    }

    private static DateTimeOffset? At(BatchState batch, BatchStatus status) => batch.Status == status ? batch.EndedAt : null;
}
