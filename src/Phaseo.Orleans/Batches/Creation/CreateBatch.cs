namespace Phaseo.Orleans.Batches.Creation;

/// <summary>A checked request to create a batch.</summary>
public sealed record CreateBatch
{
    /// <summary>Whose batch it will be.</summary>
    public required string Workspace { get; init; }

    /// <summary>The id of the API key (never the key), so that two clients' equal requests are not one.</summary>
    public required string ApiKeyId { get; init; }

    /// <summary>What is asked.</summary>
    public required BatchRequest Request { get; init; }

    /// <summary>SHA-256 of the HTTP body as it came, lower-case hex.</summary>
    public required string BodyHash { get; init; }

    /// <summary>The header <c>Idempotency-Key</c>, at most 255 characters; null without one.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>The header <c>X-Stainless-Retry-Count</c>; 0 without one.</summary>
    public int RetryCount { get; init; }

    /// <summary>Which route's claims it belongs to. Default: <c>batches</c>.</summary>
    public string Route { get; init; } = "batches";

    /// <summary>The id of the HTTP request, <c>req_…</c>.</summary>
    public required string RequestId { get; init; }

    /// <summary>W3C trace context, or null.</summary>
    public string? TraceParent { get; init; }
}

/// <summary>How a create ended.</summary>
public abstract record BatchCreation
{
    private BatchCreation()
    {
    }

    /// <summary>200 with the batch as it was when it was created.</summary>
    /// <param name="Batch">The first state, whoever asks and however often.</param>
    /// <param name="IsReplay">Whether an earlier request made it.</param>
    public sealed record Created(BatchView Batch, bool IsReplay) : BatchCreation;

    /// <summary>400 with <c>param: input_file_id</c>: unknown, foreign, deleted, expired, or of another purpose.</summary>
    public sealed record BadFile : BatchCreation;

    /// <summary>422: the idempotency key was used with another body.</summary>
    public sealed record KeyReused : BatchCreation;

    /// <summary>409 with <c>Retry-After</c>: the same request is being worked on.</summary>
    public sealed record InProgress(TimeSpan RetryAfter) : BatchCreation;
}
