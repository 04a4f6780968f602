using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Embedded.Sqlite;

/// <summary>References from batches to files as rows.</summary>
internal sealed class SqliteFileReferences(SqliteDatabase database) : IFileReferences
{
    private const int Page = 500;

    private const string Insert =
        "INSERT INTO file_references (workspace, file, batch, added) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";

    private const string Select = """
        SELECT workspace, file, batch, added FROM file_references
        WHERE (workspace, file, batch) > ($1, $2, $3) AND added < $4 ORDER BY workspace, file, batch LIMIT $5
        """;

    /// <inheritdoc/>
    public Task AddAsync(FileReference reference, CancellationToken cancellation) => database.Writes.RunAsync(
        session => session.Execute(
            Insert, reference.Workspace, reference.FileId, reference.BatchId, reference.AddedAt.UtcTicks),
        cancellation);

    /// <inheritdoc/>
    public Task RemoveAsync(string workspace, string fileId, string batchId, CancellationToken cancellation) =>
        database.Writes.RunAsync(
            session => session.Execute(
                "DELETE FROM file_references WHERE workspace = $1 AND file = $2 AND batch = $3", workspace, fileId, batchId),
            cancellation);

    /// <inheritdoc/>
    public Task<bool> AnyAsync(string workspace, string fileId, CancellationToken cancellation) => database.ReadAsync(
        session => session.Query(
            "SELECT 1 FROM file_references WHERE workspace = $1 AND file = $2 LIMIT 1", row => row.GetInt32(0), workspace, fileId).Count > 0,
        cancellation);

    /// <inheritdoc/>
    public async IAsyncEnumerable<FileReference> ListAsync(
        DateTimeOffset addedBefore, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var last = (Workspace: "", File: "", Batch: "");
        while (true)
        {
            var from = last;
            var rows = await database.ReadAsync(
                session => session.Query(Select, Read, from.Workspace, from.File, from.Batch, addedBefore.UtcTicks, Page),
                cancellation).ConfigureAwait(false);
            foreach (var row in rows)
            {
                yield return row;
            }

            if (rows.Count < Page)
            {
                yield break;
            }

            last = (rows[^1].Workspace, rows[^1].FileId, rows[^1].BatchId);
        }
    }

    private static FileReference Read(SqliteDataReader row) =>
        new(row.GetString(0), row.GetString(1), row.GetString(2), row.GetTime(3));
}
