namespace Phaseo.Orleans.Storage;

/// <summary>
/// Rows behind the idempotency claims. A store of its own instead of a grain's state, because a claim ends by age:
/// with the end as a column, one statement removes what is over, and no reminder per request is needed.
/// </summary>
public interface IClaimRows
{
    /// <summary>The row, expired ones too; null when there is none.</summary>
    Task<ClaimRow?> GetAsync(string key, CancellationToken cancellation);

    /// <summary>
    /// Writes the row if the stored one still carries the tag <paramref name="expected"/> (null: there is none).
    /// False: it does not, and nothing was written.
    /// </summary>
    Task<bool> WriteAsync(ClaimRow row, string? expected, CancellationToken cancellation);

    /// <summary>Removes the row if it still carries the tag. False: it does not, or there is none.</summary>
    Task<bool> RemoveAsync(string key, string expected, CancellationToken cancellation);

    /// <summary>Removes all rows that have expired by <paramref name="now"/>; says how many.</summary>
    Task<int> RemoveExpiredAsync(DateTimeOffset now, CancellationToken cancellation);
}

/// <summary>One claim as stored.</summary>
/// <param name="Key"><c>{workspace}:{route}:{hash}</c>.</param>
/// <param name="Tag">Names this write; never used twice, so that a row made anew is not taken for the old one.</param>
/// <param name="ExpiresAt">From then on nobody asks for it.</param>
/// <param name="Content">The claim as JSON (UTF-8).</param>
public sealed record ClaimRow(string Key, string Tag, DateTimeOffset ExpiresAt, ReadOnlyMemory<byte> Content);
