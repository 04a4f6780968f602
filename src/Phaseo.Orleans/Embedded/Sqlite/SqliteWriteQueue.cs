using Microsoft.Data.Sqlite;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Embedded.Sqlite;

/// <summary>
/// Commits writes in groups: while one transaction is being fsynced the next writes gather, and then go together.
/// So a lone write waits for nobody and a thousand share a few fsyncs. Each caller gets its own result, after the commit.
/// </summary>
internal sealed class SqliteWriteQueue : IDisposable
{
    // Bounds how long Orleans' own writes, which are single, wait at the gate.
    private const int MaxGroup = 256;

    private readonly ParkingQueue<Write> _queue = new();
    private readonly SqliteDatabase _database;
    private readonly SqliteSession _session;
    private readonly Thread _thread;

    /// <summary>Opens the writer's connection, sets the file up and starts the writer.</summary>
    public SqliteWriteQueue(SqliteDatabase database)
    {
        _database = database;
        var connection = database.Open();
        SqliteSchema.Apply(connection);
        _session = new SqliteSession(connection);
        _thread = new Thread(Run, maxStackSize: 512 * 1024) { IsBackground = true, Name = "phaseo-sqlite-writer" };
        _thread.Start();
    }

    /// <summary>
    /// Runs a write in the next group. It may run twice, the first time without effect, so it must do nothing but
    /// use the session.
    /// </summary>
    /// <exception cref="StorageUnavailableException">The group could not be committed, or the process is stopping.</exception>
    public Task<T> RunAsync<T>(Func<SqliteSession, T> act, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var write = new Write<T>(act);
        return _queue.TryAdd(write) ? write.Task : throw new StorageUnavailableException("The database is closed.");
    }

    /// <summary>Commits what is queued and ends the writer.</summary>
    public void Dispose()
    {
        _queue.Close();
        _thread.Join();
        _session.Dispose();
    }

    private void Run()
    {
        var group = new List<Write>(MaxGroup);
        while (_queue.Take(out var write))
        {
            // The gate first: whatever arrives during the wait still belongs to the group. In line with Orleans' own
            // writes: a semaphore lets its blocking waiters past all asynchronous ones, whose turn would come half as often.
            _database.WriteGate.WaitAsync().GetAwaiter().GetResult();
            try
            {
                group.Add(write);
                while (group.Count < MaxGroup && _queue.TryTake(out var next))
                {
                    group.Add(next);
                }

                Commit(group);
            }
            finally
            {
                _database.WriteGate.Release();
                group.Clear();
            }
        }
    }

    private void Commit(List<Write> group)
    {
        if (TryCommit(group) is not { } failure)
        {
            return;
        }

        if (group.Count == 1)
        {
            group[0].Fail(failure);
            return;
        }

        // One of them is at fault; alone, each meets only its own.
        foreach (var write in group)
        {
            if (TryCommit([write]) is { } own)
            {
                write.Fail(own);
            }
        }
    }

    private Exception? TryCommit(List<Write> group)
    {
        try
        {
            _session.Execute("BEGIN IMMEDIATE");
            foreach (var write in group)
            {
                write.Apply(_session);
            }

            _session.Execute("COMMIT");
        }
        catch (Exception e)
        {
            Rollback();
            return e is SqliteException ? new StorageUnavailableException("The database could not be written.", e) : e;
        }

        foreach (var write in group)
        {
            write.Complete();
        }

        return null;
    }

    private void Rollback()
    {
        try
        {
            _session.Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // None is open: BEGIN itself failed, or SQLite has rolled back already, as it does when the disk is full.
        }
    }

    private abstract class Write
    {
        public abstract void Apply(SqliteSession session);

        public abstract void Complete();

        public abstract void Fail(Exception failure);
    }

    private sealed class Write<T>(Func<SqliteSession, T> act) : Write
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _result;

        public Task<T> Task => _done.Task;

        public override void Apply(SqliteSession session) => _result = act(session);

        public override void Complete() => _done.SetResult(_result!);

        public override void Fail(Exception failure) => _done.SetException(failure);
    }
}
