using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Embedded.Sqlite;

/// <summary>File records as rows.</summary>
internal sealed class SqliteFileRecords(SqliteDatabase database) : IFileRecords
{
    private const int Page = 500;

    private const string Columns = "workspace, id, blob, bytes, lines, created, expires, filename, purpose, hidden";

    private const string Insert = $"""
        INSERT INTO files ({Columns}, dead_from) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING
        """;

    private const string Filter = """
        workspace = $1 AND hidden = 0 AND expires > $2 AND ($3 IS NULL OR purpose = $3)
        """;

    private const string SelectUp = $"SELECT {Columns} FROM files WHERE {Filter} AND id > ifnull($4, '') ORDER BY id LIMIT $5";

    private const string SelectDown =
        $"SELECT {Columns} FROM files WHERE {Filter} AND ($4 IS NULL OR id < $4) ORDER BY id DESC LIMIT $5";

    private const string SelectDead = $"""
        SELECT {Columns}, dead_from FROM files
        WHERE dead_from <= $1 AND (dead_from, workspace, id) > ($2, $3, $4) ORDER BY dead_from, workspace, id LIMIT $5
        """;

    /// <inheritdoc/>
    public Task<bool> CreateAsync(FileRecord record, CancellationToken cancellation) => database.Writes.RunAsync(
        session => session.Execute(
            Insert,
            record.Workspace, record.Id, record.BlobName, record.Bytes, record.Lines, record.CreatedAt.UtcTicks,
            record.ExpiresAt.UtcTicks, record.Filename, record.Purpose, record.Hidden, DeadFrom(record)) > 0,
        cancellation);

    /// <inheritdoc/>
    public Task<FileRecord?> GetAsync(string workspace, string fileId, CancellationToken cancellation) => database.ReadAsync(
        session => session.Query(
            $"SELECT {Columns} FROM files WHERE workspace = $1 AND id = $2", Read, workspace, fileId).SingleOrDefault(),
        cancellation);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<FileRecord>> ListAsync(FileQuery query, CancellationToken cancellation) =>
        await database.ReadAsync(
            session => session.Query(
                query.Descending ? SelectDown : SelectUp, Read,
                query.Workspace, query.Now.UtcTicks, query.Purpose, query.After, query.Limit),
            cancellation).ConfigureAwait(false);

    /// <inheritdoc/>
    public Task<bool> HideAsync(string workspace, string fileId, CancellationToken cancellation) => database.Writes.RunAsync(
        session => session.Execute(
            "UPDATE files SET hidden = 1, dead_from = 0 WHERE workspace = $1 AND id = $2 AND hidden = 0", workspace, fileId) > 0,
        cancellation);

    /// <inheritdoc/>
    public async IAsyncEnumerable<FileRecord> ListDeadAsync(
        DateTimeOffset now, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var last = (DeadFrom: -1L, Workspace: "", Id: "");
        while (true)
        {
            var from = last;
            var rows = await database.ReadAsync(
                session => session.Query(SelectDead, Read, now.UtcTicks, from.DeadFrom, from.Workspace, from.Id, Page),
                cancellation).ConfigureAwait(false);
            foreach (var row in rows)
            {
                yield return row;
            }

            if (rows.Count < Page)
            {
                yield break;
            }

            last = (DeadFrom(rows[^1]), rows[^1].Workspace, rows[^1].Id);
        }
    }

    /// <inheritdoc/>
    public Task<bool> NamesBlobAsync(string workspace, string blobName, CancellationToken cancellation) => database.ReadAsync(
        session => session.Query(
            "SELECT 1 FROM files WHERE workspace = $1 AND blob = $2 LIMIT 1", row => row.GetInt32(0), workspace, blobName).Count > 0,
        cancellation);

    /// <inheritdoc/>
    public Task RemoveAsync(string workspace, string fileId, CancellationToken cancellation) => database.Writes.RunAsync(
        session => session.Execute("DELETE FROM files WHERE workspace = $1 AND id = $2", workspace, fileId), cancellation);

    private static long DeadFrom(FileRecord record) => record.Hidden ? 0 : record.ExpiresAt.UtcTicks;

    private static FileRecord Read(SqliteDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt64(3), row.GetInt64(4),
        row.GetTime(5), row.GetTime(6), row.GetString(7), row.GetString(8), row.GetBoolean(9));
}
