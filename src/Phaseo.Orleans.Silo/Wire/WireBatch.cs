namespace Phaseo.Orleans.Silo.Wire;

/// <summary>The batch object, fields in the contract's order. Times are Unix seconds; what is absent is null.</summary>
internal sealed record WireBatch
{
    /// <summary><c>batch_…</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Always <c>batch</c>.</summary>
    public string Object { get; } = "batch";

    /// <summary>The endpoint of all rows.</summary>
    public required string Endpoint { get; init; }

    /// <summary>The one model of all rows; null if they differ.</summary>
    public required string? Model { get; init; }

    /// <summary>Why validation failed.</summary>
    public required WireBatchErrors? Errors { get; init; }

    /// <summary>The input file.</summary>
    public required string InputFileId { get; init; }

    /// <summary>The window as it was asked for.</summary>
    public required string CompletionWindow { get; init; }

    /// <summary>One of the contract's eight words.</summary>
    public required string Status { get; init; }

    /// <summary>Rows answered 2xx.</summary>
    public required string? OutputFileId { get; init; }

    /// <summary>All other rows.</summary>
    public required string? ErrorFileId { get; init; }

    /// <summary>The window's start.</summary>
    public required long CreatedAt { get; init; }

    /// <summary>When rows could start.</summary>
    public required long? InProgressAt { get; init; }

    /// <summary>The window's end.</summary>
    public required long ExpiresAt { get; init; }

    /// <summary>When the outcome was set.</summary>
    public required long? FinalizingAt { get; init; }

    /// <summary>When it completed.</summary>
    public required long? CompletedAt { get; init; }

    /// <summary>When validation refused it.</summary>
    public required long? FailedAt { get; init; }

    /// <summary>When it expired.</summary>
    public required long? ExpiredAt { get; init; }

    /// <summary>When it was asked to stop.</summary>
    public required long? CancellingAt { get; init; }

    /// <summary>When it had stopped.</summary>
    public required long? CancelledAt { get; init; }

    /// <summary>Rows.</summary>
    public required WireCounts RequestCounts { get; init; }

    /// <summary>Tokens, summed over rows.</summary>
    public required WireUsage Usage { get; init; }

    /// <summary>The client's pairs, in its order.</summary>
    public required OrderedDictionary<string, string>? Metadata { get; init; }

    /// <summary>The request that created it.</summary>
    public required string RequestId { get; init; }

    /// <summary>Who served most rows.</summary>
    public required string? Provider { get; init; }

    /// <summary>The session.</summary>
    public required string? SessionId { get; init; }

    /// <summary>The webhook.</summary>
    public WireNothing? Webhook { get; }

    /// <summary>The bill's lines.</summary>
    public IReadOnlyList<WireNothing> PricingLines { get; } = [];

    /// <summary>The bill.</summary>
    public WireNothing? Billing { get; }

    /// <summary>The status in six words.</summary>
    public required string LifecycleStatus { get; init; }

    /// <summary>Rows that have ended, 0–100.</summary>
    public required int Progress { get; init; }

    /// <summary>The batch whose rows this one repeats.</summary>
    public string? RetryOf { get; }

    /// <summary>Where to ask again.</summary>
    public required string PollingUrl { get; init; }

    /// <summary>Where to stop it; null once that is asked or too late.</summary>
    public required string? CancelUrl { get; init; }
}

/// <summary>The faults of an input file.</summary>
internal sealed record WireBatchErrors(string Object, IReadOnlyList<WireBatchError> Data);

/// <summary>One fault.</summary>
internal sealed record WireBatchError(string Code, string Message, string? Param, int? Line);

/// <summary>Rows of a batch.</summary>
internal sealed record WireCounts(int Total, int Completed, int Failed);

/// <summary>Tokens.</summary>
internal sealed record WireUsage(
    long InputTokens,
    WireInputDetails InputTokensDetails,
    long OutputTokens,
    WireOutputDetails OutputTokensDetails,
    long TotalTokens);

/// <summary>A part of the input.</summary>
internal sealed record WireInputDetails(long CachedTokens);

/// <summary>A part of the output.</summary>
internal sealed record WireOutputDetails(long ReasoningTokens);

/// <summary>The type of fields that are always null here, or lists that are always empty.</summary>
internal sealed record WireNothing;
