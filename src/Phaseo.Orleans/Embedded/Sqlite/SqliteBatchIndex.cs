using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Embedded.Sqlite;

/// <summary>The batch index as rows. Metadata is a JSON object, looked into by SQLite's own functions.</summary>
internal sealed class SqliteBatchIndex(SqliteDatabase database) : IBatchIndex
{
    private const string Columns = "workspace, batch, version, terminal, status, session, metadata, snapshot";

    private const int Page = 500;

    private const string SelectUnfinished = $"""
        SELECT {Columns} FROM batch_index
        WHERE terminal = 0 AND (workspace, batch) > ($1, $2) ORDER BY workspace, batch LIMIT $3
        """;

    private const string Insert = $"""
        INSERT INTO batch_index ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (workspace, batch) DO UPDATE SET
            version = excluded.version, terminal = excluded.terminal, status = excluded.status,
            session = excluded.session, metadata = excluded.metadata, snapshot = excluded.snapshot
        WHERE excluded.version > batch_index.version
        """;

    /// <inheritdoc/>
    public Task<bool> UpsertAsync(BatchIndexRow row, CancellationToken cancellation)
    {
        var metadata = JsonSerializer.Serialize(row.Metadata);
        var snapshot = row.Snapshot.ToArray();
        return database.Writes.RunAsync(
            session => session.Execute(
                Insert, row.Workspace, row.BatchId, row.Version, row.Terminal, row.Status, row.SessionId, metadata, snapshot) > 0,
            cancellation);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<BatchIndexRow>> ListAsync(BatchIndexQuery query, CancellationToken cancellation)
    {
        var (sql, values) = Build(query);
        return await database.ReadAsync(session => session.Query(sql, Read, values), cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<BatchIndexRow> ListUnfinishedAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var last = (Workspace: "", Batch: "");
        while (true)
        {
            var from = last;
            var rows = await database.ReadAsync(
                session => session.Query(SelectUnfinished, Read, from.Workspace, from.Batch, Page),
                cancellation).ConfigureAwait(false);
            foreach (var row in rows)
            {
                yield return row;
            }

            if (rows.Count < Page)
            {
                yield break;
            }

            last = (rows[^1].Workspace, rows[^1].BatchId);
        }
    }

    /// <inheritdoc/>
    public Task RemoveAsync(string workspace, string batchId, CancellationToken cancellation) => database.Writes.RunAsync(
        session => session.Execute("DELETE FROM batch_index WHERE workspace = $1 AND batch = $2", workspace, batchId),
        cancellation);

    /// <summary>The text depends only on which filters are set and on how many pairs, so statements stay few.</summary>
    private static (string Sql, object?[] Values) Build(BatchIndexQuery query)
    {
        var sql = new StringBuilder($"SELECT {Columns} FROM batch_index WHERE workspace = $1");
        List<object?> values = [query.Workspace];
        if (query.After is { } after)
        {
            sql.Append(" AND batch < ").Append(Next(after));
        }

        if (query.SessionId is { } session)
        {
            sql.Append(" AND session = ").Append(Next(session));
        }

        if (query.Statuses.Count > 0)
        {
            sql.Append(" AND (terminal = 0 OR status IN (SELECT value FROM json_each(")
                .Append(Next(JsonSerializer.Serialize(query.Statuses))).Append(")))");
        }

        foreach (var (key, value) in query.Metadata)
        {
            sql.Append(" AND EXISTS (SELECT 1 FROM json_each(metadata) AS pair WHERE pair.key = ").Append(Next(key))
                .Append(" AND pair.value = ").Append(Next(value)).Append(')');
        }

        sql.Append(" ORDER BY batch DESC LIMIT ").Append(Next(query.Limit));
        return (sql.ToString(), [.. values]);

        string Next(object? value)
        {
            values.Add(value);
            return "$" + values.Count;
        }
    }

    private static BatchIndexRow Read(SqliteDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetBoolean(3), row.GetString(4),
        row.IsDBNull(5) ? null : row.GetString(5),
        JsonSerializer.Deserialize<Dictionary<string, string>>(row.GetString(6))!,
        row.GetFieldValue<byte[]>(7));
}
