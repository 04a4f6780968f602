using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Embedded.Sqlite;

/// <summary>Open batches as rows.</summary>
internal sealed class SqliteOpenBatches(SqliteDatabase database) : IOpenBatches
{
    private const int Page = 500;

    private const string Insert = """
        INSERT INTO open_batches (workspace, batch, file, created, deadline, heartbeat) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT DO NOTHING
        """;

    private const string Select = """
        SELECT workspace, batch, file, created, deadline, heartbeat FROM open_batches
        WHERE (workspace, batch) > ($1, $2) AND heartbeat < $3 ORDER BY workspace, batch LIMIT $4
        """;

    /// <inheritdoc/>
    public Task AddAsync(OpenBatch row, CancellationToken cancellation) => database.Writes.RunAsync(
        session => session.Execute(
            Insert, row.Workspace, row.BatchId, row.FileId, row.CreatedAt.UtcTicks, row.Deadline.UtcTicks, row.Heartbeat.UtcTicks),
        cancellation);

    /// <inheritdoc/>
    public Task<bool> BeatAsync(string workspace, string batchId, DateTimeOffset at, CancellationToken cancellation) =>
        database.Writes.RunAsync(
            session => session.Execute(
                "UPDATE open_batches SET heartbeat = $3 WHERE workspace = $1 AND batch = $2", workspace, batchId, at.UtcTicks) > 0,
            cancellation);

    /// <inheritdoc/>
    public async IAsyncEnumerable<OpenBatch> ListAsync(
        DateTimeOffset? olderThan, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var bound = olderThan?.UtcTicks ?? long.MaxValue;
        var (workspace, batch) = ("", "");
        while (true)
        {
            var (fromWorkspace, fromBatch) = (workspace, batch);
            var rows = await database.ReadAsync(
                session => session.Query(Select, Read, fromWorkspace, fromBatch, bound, Page), cancellation).ConfigureAwait(false);
            foreach (var row in rows)
            {
                yield return row;
            }

            if (rows.Count < Page)
            {
                yield break;
            }

            (workspace, batch) = (rows[^1].Workspace, rows[^1].BatchId);
        }
    }

    /// <inheritdoc/>
    public Task RemoveAsync(string workspace, string batchId, CancellationToken cancellation) => database.Writes.RunAsync(
        session => session.Execute("DELETE FROM open_batches WHERE workspace = $1 AND batch = $2", workspace, batchId),
        cancellation);

    private static OpenBatch Read(SqliteDataReader row) =>
        new(row.GetString(0), row.GetString(1), row.GetString(2), row.GetTime(3), row.GetTime(4), row.GetTime(5));
}
