using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Files;

/// <summary>An upload that is stored and has no record yet.</summary>
public sealed record CreateFile
{
    /// <summary>The record to make. Its id is new; the claim may know a better one.</summary>
    public required FileRecord Upload { get; init; }

    /// <summary>The id of the API key, never the key.</summary>
    public required string ApiKeyId { get; init; }

    /// <summary>
    /// SHA-256, lower-case hex, over the bytes, name, purpose and expiry: what two multipart bodies with different
    /// boundaries have in common when they ask for the same.
    /// </summary>
    public required string BodyHash { get; init; }

    /// <summary>The header <c>Idempotency-Key</c>, at most 255 characters; null without one.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>The header <c>X-Stainless-Retry-Count</c>; 0 without one.</summary>
    public int RetryCount { get; init; }
}

/// <summary>How an upload ended. In every case but <see cref="Created"/> its bytes are removed.</summary>
public abstract record FileCreation
{
    private FileCreation()
    {
    }

    /// <summary>200 with the file.</summary>
    /// <param name="File">The record.</param>
    /// <param name="IsReplay">Whether an earlier upload made it; this one's bytes are removed.</param>
    public sealed record Created(FileRecord File, bool IsReplay) : FileCreation;

    /// <summary>422: the idempotency key was used with another body.</summary>
    public sealed record KeyReused : FileCreation;

    /// <summary>409 with <c>Retry-After</c>: the same upload is being worked on.</summary>
    public sealed record InProgress(TimeSpan RetryAfter) : FileCreation;
}
