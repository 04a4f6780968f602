using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Embedded.Sqlite;

/// <summary>Idempotency claims as rows.</summary>
internal sealed class SqliteClaimRows(SqliteDatabase database) : IClaimRows
{
    // Other writers wait no longer than it takes to remove so many.
    private const int Page = 500;

    private const string Insert =
        "INSERT INTO claims (key, tag, expires, content) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";

    private const string Update = "UPDATE claims SET tag = $2, expires = $3, content = $4 WHERE key = $1 AND tag = $5";

    private const string DeleteExpired =
        "DELETE FROM claims WHERE key IN (SELECT key FROM claims WHERE expires <= $1 ORDER BY expires LIMIT $2)";

    /// <inheritdoc/>
    public Task<ClaimRow?> GetAsync(string key, CancellationToken cancellation) => database.ReadAsync(
        session => session.Query(
            "SELECT tag, expires, content FROM claims WHERE key = $1",
            row => new ClaimRow(key, row.GetString(0), row.GetTime(1), row.GetFieldValue<byte[]>(2)),
            key).SingleOrDefault(),
        cancellation);

    /// <inheritdoc/>
    public Task<bool> WriteAsync(ClaimRow row, string? expected, CancellationToken cancellation)
    {
        var content = row.Content.ToArray();
        return database.Writes.RunAsync(
            session => (expected is null
                ? session.Execute(Insert, row.Key, row.Tag, row.ExpiresAt.UtcTicks, content)
                : session.Execute(Update, row.Key, row.Tag, row.ExpiresAt.UtcTicks, content, expected)) > 0,
            cancellation);
    }

    /// <inheritdoc/>
    public Task<bool> RemoveAsync(string key, string expected, CancellationToken cancellation) => database.Writes.RunAsync(
        session => session.Execute("DELETE FROM claims WHERE key = $1 AND tag = $2", key, expected) > 0, cancellation);

    /// <inheritdoc/>
    public async Task<int> RemoveExpiredAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        var total = 0;
        while (true)
        {
            var removed = await database.Writes
                .RunAsync(session => session.Execute(DeleteExpired, now.UtcTicks, Page), cancellation).ConfigureAwait(false);
            total += removed;
            if (removed < Page)
            {
                return total;
            }
        }
    }
}
