using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using Orleans.TestingHost;
using Phaseo.Orleans.Embedded;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Embedded;

/// <summary>Orleans' own providers on the data folder's database.</summary>
public sealed class EmbeddedOrleansTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private InProcessTestCluster _cluster = null!;

    public async ValueTask InitializeAsync() => _cluster = await StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task State_and_reminder_are_there_after_a_restart()
    {
        await Note("a").SetAsync("kept");
        await Note("a").RemindAsync("wake");
        var before = await Note("a").GetAsync();

        await RestartAsync();

        Assert.Equal(before, await Note("a").GetAsync());
        Assert.Equal("kept", before.Text);
        Assert.True(await Note("a").HasReminderAsync("wake"));
        Assert.False(await Note("b").HasReminderAsync("wake"));
    }

    [Fact]
    public async Task Write_with_an_old_etag_is_refused_and_changes_nothing()
    {
        await Note("a").SetAsync("first");
        var (_, old, _) = await Note("a").GetAsync();
        await Note("a").SetAsync("second");
        var second = await Note("a").GetAsync();

        await Assert.ThrowsAsync<InconsistentStateException>(() => WriteAsync("lost", old));
        await RestartAsync();

        Assert.NotEqual(old, second.Etag);
        Assert.Equal(second, await Note("a").GetAsync());
    }

    [Fact]
    public async Task Create_over_a_row_that_is_there_is_refused_and_changes_nothing()
    {
        await Note("a").SetAsync("first");

        await Assert.ThrowsAsync<InconsistentStateException>(() => WriteAsync("lost", null));
        await RestartAsync();

        Assert.Equal("first", (await Note("a").GetAsync()).Text);
    }

    [Fact]
    public async Task Cleared_state_leaves_no_row_and_made_anew_carries_another_etag()
    {
        await Note("a").SetAsync("first");
        var (_, old, _) = await Note("a").GetAsync();

        await Note("a").ClearAsync();
        var cleared = await Note("a").GetAsync();
        var rows = Scalar("SELECT count(*) FROM OrleansStorage");
        await Note("a").SetAsync("again");

        Assert.Equal((null, null, false), cleared);
        Assert.Equal(0L, rows);
        await Assert.ThrowsAsync<InconsistentStateException>(() => WriteAsync("lost", old));
        Assert.Equal("again", (await Note("a").GetAsync()).Text);
    }

    [Fact]
    public async Task Removed_reminder_leaves_no_row()
    {
        await Note("a").RemindAsync("one");
        await Note("a").RemindAsync("two");
        await Note("a").RemindAsync("one");

        await Note("a").ForgetAsync("one");

        Assert.False(await Note("a").HasReminderAsync("one"));
        Assert.True(await Note("a").HasReminderAsync("two"));
        Assert.Equal(1L, Scalar("SELECT count(*) FROM OrleansRemindersTable"));
    }

    [Fact]
    public async Task State_is_stored_under_names_of_our_own()
    {
        await Note("a").SetAsync("text");

        Assert.Equal("""{"some_text":"text","day":"Friday"}""", Scalar("SELECT CAST(PayloadBinary AS TEXT) FROM OrleansStorage"));
        Assert.Equal("test-note", Scalar("SELECT GrainTypeString FROM OrleansStorage"));
    }

    [Fact]
    public async Task Many_grains_write_at_once_beside_each_other()
    {
        await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            var note = Note($"many-{i}");
            await note.SetAsync("one");
            await note.SetAsync("two");
        }));

        await RestartAsync();

        var notes = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Note($"many-{i}").GetAsync()));
        Assert.All(notes, note => Assert.Equal("two", note.Text));
        Assert.Equal(200L, Scalar("SELECT count(*) FROM OrleansStorage"));
    }

    [Fact]
    public async Task Failing_database_is_an_outage_to_whoever_calls_the_grain()
    {
        await Note("a").SetAsync("kept");
        Scalar("DROP TABLE OrleansStorage; DROP TABLE OrleansRemindersTable;");

        await Assert.ThrowsAsync<StorageUnavailableException>(() => Note("a").SetAsync("lost"));
        await Assert.ThrowsAsync<StorageUnavailableException>(() => Note("b").GetAsync());
        await Assert.ThrowsAsync<StorageUnavailableException>(() => Note("a").RemindAsync("wake"));
    }

    [Fact]
    public async Task Stopped_silo_holds_nothing_in_the_folder()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Handles are counted in /proc.");
        await Note("a").SetAsync("kept");
        Assert.NotEqual(0, Handles());

        await _cluster.StopAllSilosAsync(TestContext.Current.CancellationToken);
        await _cluster.DisposeAsync();

        Assert.Equal(0, Handles());

        int Handles() => Directory.EnumerateFiles("/proc/self/fd")
            .Count(handle => new FileInfo(handle).LinkTarget?.StartsWith(_folder.Path, StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task Second_silo_on_the_folder_does_not_start()
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(StartAsync);

        Assert.Contains(_folder.Path, failure.GetBaseException().Message + failure, StringComparison.Ordinal);
    }

    private INoteGrain Note(string key) => _cluster.Client.GetGrain<INoteGrain>(key);

    /// <summary>Writes as a second activation would that believes in this etag.</summary>
    private Task WriteAsync(string text, string? etag)
    {
        var storage = _cluster.Silos[0].ServiceProvider.GetRequiredKeyedService<IGrainStorage>(GrainStorageNames.Phaseo);
        var state = new GrainState<NoteState>(new NoteState { SomeText = text }, etag!) { RecordExists = etag is not null };
        return storage.WriteStateAsync("test-note", Note("a").GetGrainId(), state);
    }

    private object? Scalar(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(_folder.Path, "phaseo.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    private async Task RestartAsync()
    {
        await _cluster.DisposeAsync();
        _cluster = await StartAsync();
    }

    private async Task<InProcessTestCluster> StartAsync()
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.Options.ServiceId = "embedded-tests";
        builder.ConfigureSilo((_, silo) => silo.UseEmbeddedStorage(_folder.Path));
        var cluster = builder.Build();
        try
        {
            await cluster.DeployAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }
}
