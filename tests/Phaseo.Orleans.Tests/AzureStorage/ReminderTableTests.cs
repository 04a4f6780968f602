using Azure.Data.Tables;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Reminders.AzureStorage;
using Orleans.Runtime.ReminderService;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.AzureStorage;

public sealed class ReminderTableTests(Azurite azurite)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_reminder_comes_back_as_it_was_written()
    {
        var scene = await ReminderScene.CreateAsync(azurite);
        var entry = ReminderScene.Entry("a/b#c?d\\e-f", "daily/name?");

        var etag = await scene.Reminders.UpsertRow(entry, Token);
        var read = await scene.Reminders.ReadRow(entry.GrainId, entry.ReminderName, Token);

        Assert.NotNull(read);
        Assert.Equal(etag, read.ETag);
        Assert.Equal(
            (entry.GrainId, entry.ReminderName, entry.StartAt, entry.Period),
            (read.GrainId, read.ReminderName, read.StartAt, read.Period));
    }

    [Theory]
    [InlineData("00:00:00.5000000")]
    [InlineData("49.17:02:47.2950000")]
    public async Task Periods_and_starts_keep_what_the_format_can_hold(string period)
    {
        var scene = await ReminderScene.CreateAsync(azurite);
        var entry = ReminderScene.Entry("1");
        entry.Period = TimeSpan.Parse(period, System.Globalization.CultureInfo.InvariantCulture);
        entry.StartAt = new DateTime(1999, 12, 31, 23, 59, 59, 999, DateTimeKind.Utc);

        await scene.Reminders.UpsertRow(entry, Token);
        var read = await scene.Reminders.ReadRow(entry.GrainId, entry.ReminderName, Token);

        Assert.Equal((entry.StartAt, entry.Period), (read!.StartAt, read.Period));
    }

    [Fact]
    public async Task Writing_again_overwrites_and_gives_a_new_etag()
    {
        var scene = await ReminderScene.CreateAsync(azurite);
        var entry = ReminderScene.Entry("1");
        var first = await scene.Reminders.UpsertRow(entry, Token);

        entry.Period = TimeSpan.FromHours(1);
        var second = await scene.Reminders.UpsertRow(entry, Token);

        var read = Assert.Single((await scene.Reminders.ReadRows(entry.GrainId, Token)).Reminders);
        Assert.NotEqual(first, second);
        Assert.Equal((second, TimeSpan.FromHours(1)), (read.ETag, read.Period));
    }

    [Fact]
    public async Task A_reminder_that_is_not_there_reads_as_null()
    {
        var scene = await ReminderScene.CreateAsync(azurite);
        await scene.Reminders.UpsertRow(ReminderScene.Entry("1", "here"), Token);

        Assert.Null(await scene.Reminders.ReadRow(GrainId.Create("ping", "1"), "not here", Token));
        Assert.Empty((await scene.Reminders.ReadRows(GrainId.Create("ping", "2"), Token)).Reminders);
    }

    [Fact]
    public async Task A_reminder_is_removed_once_and_only_with_its_etag()
    {
        var scene = await ReminderScene.CreateAsync(azurite);
        var entry = ReminderScene.Entry("1");
        var stale = (await scene.Reminders.UpsertRow(entry, Token))!;
        var etag = (await scene.Reminders.UpsertRow(entry, Token))!;

        Task<bool> RemoveAsync(string name, string? with) => scene.Reminders.RemoveRow(entry.GrainId, name, with!, Token);

        Assert.False(await RemoveAsync("r", stale));
        Assert.False(await RemoveAsync("r", "no etag at all"));
        Assert.False(await RemoveAsync("r", ""));
        Assert.False(await RemoveAsync("r", null));
        Assert.False(await RemoveAsync("other", etag));
        Assert.NotNull(await scene.Reminders.ReadRow(entry.GrainId, "r", Token));
        Assert.True(await RemoveAsync("r", etag));
        Assert.False(await RemoveAsync("r", etag));
        Assert.Null(await scene.Reminders.ReadRow(entry.GrainId, "r", Token));
    }

    [Fact]
    public async Task The_reminders_of_a_grain_are_its_own_only()
    {
        var scene = await ReminderScene.CreateAsync(azurite);
        foreach (var entry in new[] { ReminderScene.Entry("1", "a"), ReminderScene.Entry("1", "b-c"), ReminderScene.Entry("1-2", "a"), ReminderScene.Entry("12", "a") })
        {
            await scene.Reminders.UpsertRow(entry, Token);
        }

        var read = await scene.Reminders.ReadRows(GrainId.Create("ping", "1"), Token);

        Assert.Equal(["a", "b-c"], read.Reminders.Select(reminder => reminder.ReminderName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Rows_of_a_longer_key_in_the_same_partition_are_not_a_grains_own()
    {
        // Two grains whose rows lie in one range need equal hashes: made by hand, in the partition of the shorter key.
        var scene = await ReminderScene.CreateAsync(azurite);
        await scene.Reminders.UpsertRow(ReminderScene.Entry("1", "2-x"), Token);
        var row = await scene.Rows.QueryAsync<TableEntity>(cancellationToken: Token).SingleAsync(Token);
        row.RowKey = "ping_1-2-y";
        row["GrainReference"] = "ping/1-2";
        row["ReminderName"] = "y";
        await scene.Rows.AddEntityAsync(row, Token);

        var read = await scene.Reminders.ReadRows(GrainId.Create("ping", "1"), Token);

        Assert.Equal("2-x", Assert.Single(read.Reminders).ReminderName);
    }

    [Fact]
    public async Task A_range_excludes_its_begin_includes_its_end_and_goes_round_the_ring()
    {
        var scene = await ReminderScene.CreateAsync(azurite);
        var grains = Enumerable.Range(0, 8).Select(number => GrainId.Create("ping", $"{number}")).OrderBy(grain => grain.GetUniformHashCode()).ToArray();
        foreach (var grain in grains)
        {
            await scene.Reminders.UpsertRow(ReminderScene.Entry(grain), Token);
        }

        var edges = grains.Select(grain => grain.GetUniformHashCode()).SelectMany(hash => new[] { hash - 1, hash, hash + 1 }).Append(0u).Append(uint.MaxValue).ToArray();
        foreach (var (begin, end) in edges.SelectMany((begin, index) => new[] { (begin, edges[(index + 4) % edges.Length]), (begin, edges[^(index + 1)]), (begin, begin) }))
        {
            var expected = grains.Where(grain => IsIn(grain.GetUniformHashCode(), begin, end)).Select(grain => $"{grain.Key}").Order(StringComparer.Ordinal);

            var read = await scene.Reminders.ReadRows(begin, end, Token);

            Assert.True(expected.SequenceEqual(ReminderScene.Keys(read)), $"({begin:X8}, {end:X8}] gave {string.Join(',', ReminderScene.Keys(read))}");
        }
    }

    [Fact]
    public async Task A_grain_with_hash_0_is_in_every_range_that_ends_or_passes_there()
    {
        var scene = await ReminderScene.CreateAsync(azurite);
        await scene.Reminders.UpsertRow(ReminderScene.Entry("1"), Token);
        var row = await scene.Rows.QueryAsync<TableEntity>(cancellationToken: Token).SingleAsync(Token);
        await scene.Rows.DeleteEntityAsync(row, cancellationToken: Token);
        row.PartitionKey = "killtest_00000000";
        await scene.Rows.AddEntityAsync(row, Token);

        Assert.Single((await scene.Reminders.ReadRows(0, 0, Token)).Reminders);
        Assert.Single((await scene.Reminders.ReadRows(7, 7, Token)).Reminders);
        Assert.Single((await scene.Reminders.ReadRows(uint.MaxValue, 0, Token)).Reminders);
        Assert.Single((await scene.Reminders.ReadRows(9, 8, Token)).Reminders);
        Assert.Empty((await scene.Reminders.ReadRows(0, uint.MaxValue, Token)).Reminders);
    }

    [Theory]
    [InlineData("killtest", "killtest_1")]
    [InlineData("kill", "killtest")]
    [InlineData("it's", "it")]
    [InlineData("a/b", "a_b")]
    public async Task Services_in_one_table_do_not_see_each_other(string one, string other)
    {
        var scene = await ReminderScene.CreateAsync(azurite);
        var ours = await scene.StartAsync(one, "c");
        var theirs = await scene.StartAsync(other, "c");
        await ours.UpsertRow(ReminderScene.Entry("1"), Token);
        await theirs.UpsertRow(ReminderScene.Entry("2"), Token);

        foreach (var (table, key, foreign) in new[] { (ours, "1", "2"), (theirs, "2", "1") })
        {
            Assert.Equal([key], ReminderScene.Keys(await table.ReadRows(0, 0, Token)));
            Assert.Equal([key], ReminderScene.Keys(await table.ReadRows(0x8000_0000, 0x7FFF_FFFF, Token)));
            Assert.Null(await table.ReadRow(GrainId.Create("ping", foreign), "r", Token));
        }
    }

    [Fact]
    public async Task Rows_that_nobody_understands_are_passed_over()
    {
        var scene = await ReminderScene.CreateAsync(azurite);
        foreach (var (column, value) in new[] { ("Period", "soon"), ("StartAt", "tomorrow"), ("GrainReference", "x"), ("ReminderName", null) })
        {
            var grain = GrainId.Create("ping", column);
            await scene.Reminders.UpsertRow(ReminderScene.Entry(grain), Token);
            var row = await scene.Rows.QueryAsync<TableEntity>(row => row.RowKey == $"ping_{column}-r", cancellationToken: Token).SingleAsync(Token);
            row[column] = value;
            await scene.Rows.UpsertEntityAsync(row, TableUpdateMode.Replace, Token);
            Assert.Null(await scene.Reminders.ReadRow(grain, "r", Token));
        }

        await scene.Reminders.UpsertRow(ReminderScene.Entry("good"), Token);

        Assert.Equal(["good"], ReminderScene.Keys(await scene.Reminders.ReadRows(0, 0, Token)));
    }

    [Fact]
    public async Task Clearing_deletes_what_this_cluster_of_this_service_wrote()
    {
        var scene = await ReminderScene.CreateAsync(azurite);
        var sameService = await scene.StartAsync("killtest", "other cluster");
        var sameCluster = await scene.StartAsync("other", "k31717");
        await sameService.UpsertRow(ReminderScene.Entry("1"), Token);
        await sameCluster.UpsertRow(ReminderScene.Entry("2"), Token);
        await scene.Reminders.UpsertRow(ReminderScene.Entry("3", "a"), Token);
        await scene.Reminders.UpsertRow(ReminderScene.Entry("3", "b"), Token);
        await scene.Reminders.UpsertRow(ReminderScene.Entry("4"), Token);

        await scene.Reminders.TestOnlyClearTable(Token);

        var left = await scene.Rows.QueryAsync<TableEntity>(cancellationToken: Token).Select(row => row.RowKey).ToListAsync(Token);
        Assert.Equal(["ping_1-r", "ping_2-r"], left.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Calls_wait_until_the_table_has_started_and_end_when_it_stops()
    {
        var account = await azurite.AccountAsync();
        using var reminders = New(account.Tables());
        var reading = reminders.ReadRows(0, 0, Token);
        Assert.False(reading.IsCompleted);

        await reminders.StartAsync(Token);

        Assert.Empty((await reading).Reminders);
        using var stopped = New(account.Tables());
        var never = stopped.ReadRows(0, 0, Token);
        await stopped.StopAsync(Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => never);
    }

    [Fact]
    public async Task A_start_that_fails_is_tried_again_until_it_is_cancelled()
    {
        var account = await azurite.AccountAsync();
        var options = new AzureTableReminderStorageOptions { TableName = AzureAccount.NewTable() };
        var failures = 0;
#pragma warning disable CS0618 // Obsolete, but the only way to give a client later.
        options.ConfigureTableServiceClient(() => failures++ == 0 ? throw new TimeoutException() : Task.FromResult(account.Tables()));
#pragma warning restore CS0618
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider { AutoAdvanceAmount = TimeSpan.Zero };
        using var reminders = new AzureBasedReminderTable(
            NullLoggerFactory.Instance, Options.Create(new ClusterOptions()), Options.Create(options), time);

        var starting = reminders.StartAsync(Token);
        Assert.False(starting.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        await starting.WaitAsync(TimeSpan.FromSeconds(30), Token);

        Assert.Equal(2, failures);
        Assert.Empty((await reminders.ReadRows(0, 0, Token)).Reminders);
    }

    [Theory]
    [InlineData("range")]
    [InlineData("grain")]
    [InlineData("row")]
    [InlineData("upsert")]
    [InlineData("remove")]
    [InlineData("clear")]
    public async Task Cancelling_ends_the_call_to_the_service(string what)
    {
        var calls = new EndlessCalls();
        var scene = await ReminderScene.CreateAsync(azurite, calls);
        var entry = ReminderScene.Entry("1");

        await EndlessCalls.CheckAsync(calls, token => what switch
        {
            "range" => scene.Reminders.ReadRows(1, 2, token),
            "grain" => scene.Reminders.ReadRows(entry.GrainId, token),
            "row" => scene.Reminders.ReadRow(entry.GrainId, "r", token),
            "upsert" => scene.Reminders.UpsertRow(entry, token),
            "remove" => scene.Reminders.RemoveRow(entry.GrainId, "r", "W/\"e\"", token),
            _ => scene.Reminders.TestOnlyClearTable(token),
        });
    }

    private static bool IsIn(uint hash, uint begin, uint end) =>
        begin < end ? hash > begin && hash <= end : begin == end || hash > begin || hash <= end;

    private static AzureBasedReminderTable New(TableServiceClient client) => new(
        NullLoggerFactory.Instance,
        Options.Create(new ClusterOptions { ServiceId = "s", ClusterId = "c" }),
        Options.Create(new AzureTableReminderStorageOptions { TableName = AzureAccount.NewTable(), TableServiceClient = client }));
}
