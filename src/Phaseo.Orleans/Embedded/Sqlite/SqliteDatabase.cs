using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Phaseo.Orleans.Embedded.Sqlite;

/// <summary>
/// The data folder's database: one file, WAL, every commit fsynced. SQLite lets one connection write at a time and
/// makes the others sleep on their threads; <see cref="WriteGate"/> makes them wait in line without one.
/// </summary>
internal sealed class SqliteDatabase : IDisposable
{
    // More readers than these wait; a read takes well under a millisecond.
    private const int Readers = 4;

    private readonly IoThreads _threads;
    private readonly string _connectionString;
    private readonly ConcurrentBag<SqliteSession> _idleReaders = [];
    private readonly SemaphoreSlim _readerGate = new(Readers, Readers);

    /// <summary>Opens the database, making the file and its tables if they are not there.</summary>
    public SqliteDatabase(DataFolder folder, IoThreads threads)
    {
        _threads = threads;
        _connectionString = new SqliteConnectionStringBuilder { DataSource = folder.DatabasePath, Pooling = false }.ToString();
        Writes = new SqliteWriteQueue(this);
    }

    /// <summary>Held by whoever writes, from its first statement until its commit.</summary>
    public SemaphoreSlim WriteGate { get; } = new(1, 1);

    /// <summary>Takes all writes but Orleans' own.</summary>
    public SqliteWriteQueue Writes { get; }

    /// <summary>Opens a connection with this database's settings, for good: nothing pools it.</summary>
    public SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        Configure(connection);
        return connection;
    }

    /// <summary>What a connection string cannot say. FULL: a commit survives a loss of power, not only a kill.</summary>
    public static void Configure(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA busy_timeout=5000; PRAGMA synchronous=FULL;";
        command.ExecuteNonQuery();
    }

    /// <summary>Runs a read beside the writers; it sees the last commit.</summary>
    public async Task<T> ReadAsync<T>(Func<SqliteSession, T> read, CancellationToken cancellation)
    {
        await _readerGate.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return await _threads.RunAsync(() =>
            {
                if (!_idleReaders.TryTake(out var session))
                {
                    session = new SqliteSession(Open());
                }

                try
                {
                    return read(session);
                }
                finally
                {
                    _idleReaders.Add(session);
                }
            }).ConfigureAwait(false);
        }
        finally
        {
            _readerGate.Release();
        }
    }

    /// <summary>Commits what is queued and closes all connections.</summary>
    public void Dispose()
    {
        Writes.Dispose();
        while (_idleReaders.TryTake(out var session))
        {
            session.Dispose();
        }
    }
}
