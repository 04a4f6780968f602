using Phaseo.Orleans.Embedded;
using Phaseo.Orleans.Embedded.Sqlite;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Embedded;

public sealed class SqliteWriteQueueTests : IDisposable
{
    private readonly TempFolder _temp = new();
    private readonly DataFolder _folder;
    private readonly IoThreads _threads = new();
    private readonly SqliteDatabase _database;

    public SqliteWriteQueueTests()
    {
        _folder = new DataFolder(_temp.Path);
        _database = new SqliteDatabase(_folder, _threads);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _database.Dispose();
        _threads.Dispose();
        _folder.Dispose();
        _temp.Dispose();
    }

    [Fact]
    public async Task Write_that_fails_takes_nobody_with_it()
    {
        await _database.WriteGate.WaitAsync(Cancel);
        var before = AddAsync("before");
        var bug = _database.Writes.RunAsync<int>(
            session =>
            {
                session.Execute("INSERT INTO file_references (workspace, file, batch, added) VALUES ('bug', '', '', 0)");
                throw new FormatException("bug");
            },
            Cancel);
        var broken = _database.Writes.RunAsync(session => session.Execute("INSERT INTO nowhere VALUES (1)"), Cancel);
        var after = AddAsync("after");
        _database.WriteGate.Release();

        Assert.Equal(1, await before);
        Assert.Equal(1, await after);
        await Assert.ThrowsAsync<FormatException>(() => bug);
        await Assert.ThrowsAsync<StorageUnavailableException>(() => broken);
        Assert.Equal(["after", "before"], await WorkspacesAsync());
    }

    [Fact]
    public async Task Writes_that_gathered_are_one_commit()
    {
        await _database.WriteGate.WaitAsync(Cancel);
        var writes = Enumerable.Range(0, 100).Select(i => AddAsync($"ws-{i}")).ToList();
        var commits = await CommitsAsync();
        _database.WriteGate.Release();

        await Task.WhenAll(writes);

        Assert.Equal(commits + 1, await CommitsAsync());
        Assert.Equal(100, (await WorkspacesAsync()).Count);
    }

    [Fact]
    public async Task Queue_commits_what_it_has_before_it_closes_and_takes_nothing_more()
    {
        await _database.WriteGate.WaitAsync(Cancel);
        var write = AddAsync("last");
        var closing = Task.Run(_database.Dispose, Cancel);
        _database.WriteGate.Release();

        Assert.Equal(1, await write);
        await closing;
        await Assert.ThrowsAsync<StorageUnavailableException>(() => AddAsync("late"));
    }

    private Task<int> AddAsync(string workspace) => _database.Writes.RunAsync(
        session => session.Execute("INSERT INTO file_references (workspace, file, batch, added) VALUES ($1, '', '', 0)", workspace),
        Cancel);

    private Task<List<string>> WorkspacesAsync() => _database.ReadAsync(
        session => session.Query("SELECT workspace FROM file_references ORDER BY workspace", row => row.GetString(0)), Cancel);

    // SQLite counts for each connection how often somebody else's commit changed the file.
    private Task<long> CommitsAsync() => _database.ReadAsync(
        session => session.Query("PRAGMA data_version", row => row.GetInt64(0)).Single(), Cancel);
}
