using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Embedded.Sqlite;

/// <summary>References from batches to files as rows.</summary>
internal sealed class SqliteFileReferences(SqliteDatabase database) : IFileReferences
{
    /// <inheritdoc/>
    public Task AddAsync(string workspace, string fileId, string batchId, CancellationToken cancellation) =>
        database.Writes.RunAsync(
            session => session.Execute(
                "INSERT INTO file_references (workspace, file, batch) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                workspace, fileId, batchId),
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
}
