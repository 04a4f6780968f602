using System.Collections.Immutable;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Billing;
using Phaseo.Orleans.Files;

namespace Phaseo.Orleans.Silo.Wire;

/// <summary>Makes the batch object of a saved state.</summary>
internal static class BatchMap
{
    /// <summary>The object that a client sees.</summary>
    public static WireBatch From(BatchView batch)
    {
        var path = "/v1/batches/" + batch.Id;
        return new()
        {
            Id = batch.Id,
            Endpoint = batch.Request.Endpoint,
            Model = batch.Model,
            Errors = Faults(batch.Errors),
            InputFileId = batch.Request.InputFileId,
            CompletionWindow = batch.Request.CompletionWindow,
            Status = batch.Status.ToWire(),
            OutputFileId = batch.OutputFileId,
            ErrorFileId = batch.ErrorFileId,
            CreatedAt = batch.CreatedAt.ToUnixTimeSeconds(),
            InProgressAt = batch.InProgressAt?.ToUnixTimeSeconds(),
            ExpiresAt = batch.ExpiresAt.ToUnixTimeSeconds(),
            FinalizingAt = batch.FinalizingAt?.ToUnixTimeSeconds(),
            CompletedAt = batch.CompletedAt?.ToUnixTimeSeconds(),
            FailedAt = batch.FailedAt?.ToUnixTimeSeconds(),
            ExpiredAt = batch.ExpiredAt?.ToUnixTimeSeconds(),
            CancellingAt = batch.CancellingAt?.ToUnixTimeSeconds(),
            CancelledAt = batch.CancelledAt?.ToUnixTimeSeconds(),
            RequestCounts = new(batch.Total, batch.Completed, batch.Failed),
            Usage = Usage(batch.Usage),
            Metadata = Metadata(batch.Request.Metadata),
            RequestId = batch.RequestId,
            Provider = batch.Provider,
            SessionId = batch.Request.SessionId,
            LifecycleStatus = Lifecycle(batch.Status),
            Progress = Progress(batch),
            PollingUrl = path,
            CancelUrl = CanCancel(batch.Status) ? path + "/cancel" : null,
        };
    }

    private static WireBatchErrors? Faults(ImmutableArray<LineFault> faults) => faults.IsDefaultOrEmpty
        ? null
        : new("list", [.. faults.Select(fault => new WireBatchError(fault.Code, fault.Message, fault.Param, fault.Line))]);

    private static WireUsage Usage(Meters usage) => new(
        usage.InputTokens,
        new(usage.CachedInputTokens),
        usage.OutputTokens,
        new(usage.ReasoningTokens),
        usage.InputTokens + usage.OutputTokens);

    private static OrderedDictionary<string, string>? Metadata(ImmutableArray<KeyValuePair<string, string>>? pairs) =>
        pairs is { } set ? new(set) : null;

    private static string Lifecycle(BatchStatus status) => status switch
    {
        BatchStatus.None or BatchStatus.Validating => "pending",
        BatchStatus.InProgress or BatchStatus.Finalizing or BatchStatus.Cancelling => "running",
        BatchStatus.Completed => "completed",
        BatchStatus.Failed => "failed",
        BatchStatus.Expired => "expired",
        BatchStatus.Cancelled or BatchStatus.Abandoned => "cancelled",
    };

    // Rounded down: 100 means that every row has ended.
    private static int Progress(BatchView batch) =>
        batch.Total == 0 ? 0 : (int)((batch.Completed + batch.Failed) * 100L / batch.Total);

    private static bool CanCancel(BatchStatus status) => status switch
    {
        BatchStatus.Cancelling => false,
        _ => !status.IsTerminal(),
    };
}
