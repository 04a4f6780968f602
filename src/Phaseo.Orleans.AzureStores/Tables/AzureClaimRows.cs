using Azure.Data.Tables;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.AzureStores.Tables;

/// <summary>
/// Idempotency claims as rows: one partition for each claim, named by the hash of its key. The service's own tag guards a
/// write between the look at our tag and the write.
/// </summary>
internal sealed class AzureClaimRows(AzureHome home) : IClaimRows
{
    private const string Row = "claim";
    private const int AtOnce = 32;

    /// <inheritdoc/>
    public async Task<ClaimRow?> GetAsync(string key, CancellationToken cancellation) =>
        await FindAsync(key, cancellation).ConfigureAwait(false) is { } row
            ? new ClaimRow(key, row.GetString("Tag"), row.Time("ExpiresAt"), row.GetBinary("Content"))
            : null;

    /// <inheritdoc/>
    public async Task<bool> WriteAsync(ClaimRow row, string? expected, CancellationToken cancellation)
    {
        var entity = new TableEntity(TableKeys.Hashed(row.Key), Row)
        {
            ["Tag"] = row.Tag,
            ["ExpiresAt"] = row.ExpiresAt.UtcTicks,
            ["Content"] = row.Content.ToArray(),
        };
        if (expected is null)
        {
            return await home.Claims.TryAddAsync(entity, cancellation).ConfigureAwait(false)
                || await IsOursAsync(row, cancellation).ConfigureAwait(false);
        }

        if (await FindAsync(row.Key, cancellation).ConfigureAwait(false) is not { } stored || stored.GetString("Tag") != expected)
        {
            return false;
        }

        return await home.Claims.TryReplaceAsync(entity, stored.ETag, cancellation).ConfigureAwait(false)
            || await IsOursAsync(row, cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<bool> RemoveAsync(string key, string expected, CancellationToken cancellation) =>
        await FindAsync(key, cancellation).ConfigureAwait(false) is { } stored
        && stored.GetString("Tag") == expected
        && await home.Claims.TryRemoveAsync(stored.PartitionKey, Row, stored.ETag, cancellation).ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task<int> RemoveExpiredAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        var removed = 0;
        var over = home.Claims.QueryRowsAsync(TableClient.CreateQueryFilter($"ExpiresAt le {now.UtcTicks}"), cancellation);
        await foreach (var some in over.Chunk(AtOnce).ConfigureAwait(false))
        {
            var results = await Task.WhenAll(some.Select(
                row => home.Claims.TryRemoveAsync(row.PartitionKey, row.RowKey, row.ETag, cancellation))).ConfigureAwait(false);
            removed += results.Count(gone => gone);
        }

        return removed;
    }

    // A refusal after a lost answer may be the client's second try meeting its first: the tag is of this write alone.
    private async Task<bool> IsOursAsync(ClaimRow row, CancellationToken cancellation) =>
        await FindAsync(row.Key, cancellation).ConfigureAwait(false) is { } stored && stored.GetString("Tag") == row.Tag;

    private Task<TableEntity?> FindAsync(string key, CancellationToken cancellation) =>
        home.Claims.FindAsync(TableKeys.Hashed(key), Row, cancellation);
}
