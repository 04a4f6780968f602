using Microsoft.Data.Sqlite;

namespace Phaseo.Orleans.Embedded.Sqlite;

/// <summary>
/// The tables of our stores. Times are 100 ns ticks of UTC. <c>user_version</c> counts the changes of this schema.
/// </summary>
internal static class SqliteSchema
{
    private const string Stores = """
        CREATE TABLE IF NOT EXISTS batch_index (
            workspace TEXT NOT NULL, batch TEXT NOT NULL, version INTEGER NOT NULL, terminal INTEGER NOT NULL,
            status TEXT NOT NULL, session TEXT, metadata TEXT NOT NULL, snapshot BLOB NOT NULL,
            PRIMARY KEY (workspace, batch));
        CREATE INDEX IF NOT EXISTS batch_index_unfinished ON batch_index (workspace, batch) WHERE terminal = 0;
        CREATE INDEX IF NOT EXISTS batch_index_session ON batch_index (workspace, session, batch) WHERE session IS NOT NULL;

        CREATE TABLE IF NOT EXISTS open_batches (
            workspace TEXT NOT NULL, batch TEXT NOT NULL, file TEXT NOT NULL, created INTEGER NOT NULL,
            deadline INTEGER NOT NULL, heartbeat INTEGER NOT NULL,
            PRIMARY KEY (workspace, batch)) WITHOUT ROWID;

        -- dead_from: the expiry, or 0 for a hidden file, so that one index finds all that may be purged.
        CREATE TABLE IF NOT EXISTS files (
            workspace TEXT NOT NULL, id TEXT NOT NULL, blob TEXT NOT NULL, bytes INTEGER NOT NULL, lines INTEGER NOT NULL,
            created INTEGER NOT NULL, expires INTEGER NOT NULL, filename TEXT NOT NULL, purpose TEXT NOT NULL,
            hidden INTEGER NOT NULL, dead_from INTEGER NOT NULL,
            PRIMARY KEY (workspace, id)) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS files_dead ON files (dead_from, workspace, id);
        CREATE INDEX IF NOT EXISTS files_blob ON files (workspace, blob);

        CREATE TABLE IF NOT EXISTS file_references (
            workspace TEXT NOT NULL, file TEXT NOT NULL, batch TEXT NOT NULL, added INTEGER NOT NULL,
            PRIMARY KEY (workspace, file, batch)) WITHOUT ROWID;

        CREATE TABLE IF NOT EXISTS claims (
            key TEXT NOT NULL PRIMARY KEY, tag TEXT NOT NULL, expires INTEGER NOT NULL, content BLOB NOT NULL) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS claims_expiry ON claims (expires);
        """;

    /// <summary>Makes what is missing. Waits for nobody: it runs before the first user.</summary>
    public static void Apply(SqliteConnection connection)
    {
        Run(connection, "PRAGMA journal_mode=WAL;");
        using var transaction = connection.BeginTransaction();
        Run(connection, Stores);
        Run(connection, OrleansSchema.Script);
        transaction.Commit();
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
