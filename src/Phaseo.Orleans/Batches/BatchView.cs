using System.Collections.Immutable;
using Phaseo.Orleans.Billing;
using Phaseo.Orleans.Files;

namespace Phaseo.Orleans.Batches;

/// <summary>
/// A batch as its last saved state shows it: what GET, list, events and webhooks are made of. Absent times are null.
/// </summary>
[GenerateSerializer, Immutable, Alias("batch.view")]
public sealed record BatchView
{
    /// <summary><c>batch_…</c>.</summary>
    [Id(0)] public required string Id { get; init; }

    /// <summary>Whose it is; never shown.</summary>
    [Id(1)] public required string Workspace { get; init; }

    /// <summary>The state's version: rises with every save.</summary>
    [Id(2)] public required long Version { get; init; }

    /// <summary>Where it stands.</summary>
    [Id(3)] public required BatchStatus Status { get; init; }

    /// <summary>What was asked.</summary>
    [Id(4)] public required BatchRequest Request { get; init; }

    /// <summary>The HTTP request that created it.</summary>
    [Id(5)] public required string RequestId { get; init; }

    /// <summary>The one model of all rows; null if they differ or before validation.</summary>
    [Id(6)] public string? Model { get; init; }

    /// <summary>Who served most rows; null before the first.</summary>
    [Id(7)] public string? Provider { get; init; }

    /// <summary>Why validation failed; empty otherwise.</summary>
    [Id(8)] public ImmutableArray<LineFault> Errors { get; init; } = [];

    /// <summary>The output file; null until terminal, and when no row has an answer 2xx.</summary>
    [Id(9)] public string? OutputFileId { get; init; }

    /// <summary>The error file; null until terminal, and when there is nothing in it.</summary>
    [Id(10)] public string? ErrorFileId { get; init; }

    /// <summary>Rows of the batch.</summary>
    [Id(11)] public int Total { get; init; }

    /// <summary>Rows answered 2xx.</summary>
    [Id(12)] public int Completed { get; init; }

    /// <summary>Rows that ended otherwise.</summary>
    [Id(13)] public int Failed { get; init; }

    /// <summary>Sum over rows.</summary>
    [Id(14)] public Meters Usage { get; init; }

    /// <summary>Sum over rows, in nano-dollars.</summary>
    [Id(15)] public long CostNanos { get; init; }

    /// <summary>The window's start.</summary>
    [Id(16)] public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The window's end.</summary>
    [Id(17)] public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>When the first row could start.</summary>
    [Id(18)] public DateTimeOffset? InProgressAt { get; init; }

    /// <summary>When the outcome was set.</summary>
    [Id(19)] public DateTimeOffset? FinalizingAt { get; init; }

    /// <summary>When it completed.</summary>
    [Id(20)] public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>When it failed.</summary>
    [Id(21)] public DateTimeOffset? FailedAt { get; init; }

    /// <summary>When it expired.</summary>
    [Id(22)] public DateTimeOffset? ExpiredAt { get; init; }

    /// <summary>When it was asked to stop.</summary>
    [Id(23)] public DateTimeOffset? CancellingAt { get; init; }

    /// <summary>When it had stopped.</summary>
    [Id(24)] public DateTimeOffset? CancelledAt { get; init; }
}
