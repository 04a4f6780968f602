using System.Net;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Orleans.Storage;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.AzureStorage;

public sealed class MembershipTableTests(Azurite azurite)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_cluster_has_version_0_and_no_silos_whoever_initializes_it_again()
    {
        var scene = await MembershipScene.CreateAsync(azurite);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => scene.OpenAsync(MembershipScene.Cluster)));

        var all = await scene.Membership.ReadAllAsync(Token);

        Assert.Empty(all.Members);
        Assert.Equal(0, all.Version.Version);
        Assert.NotEmpty(all.Version.VersionEtag);
        Assert.Equal("!Start=0 VersionRow=0 ~End=0", await VersionsAsync(scene));
    }

    [Fact]
    public async Task Initializing_again_keeps_the_version()
    {
        var scene = await MembershipScene.CreateAsync(azurite);
        await scene.InsertAsync(MembershipScene.Entry(1));

        await scene.Membership.InitializeMembershipTableAsync(true, Token);

        Assert.Equal(1, (await scene.Membership.ReadAllAsync(Token)).Version.Version);
    }

    [Fact]
    public async Task A_table_that_nobody_initialized_cannot_be_read()
    {
        var scene = await MembershipScene.CreateAsync(azurite, initializes: false);

        await Assert.ThrowsAsync<KeyNotFoundException>(() => scene.Membership.ReadAllAsync(Token));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => scene.Membership.ReadRowAsync(MembershipScene.Silo(1), Token));
    }

    [Fact]
    public async Task An_inserted_silo_is_read_as_it_was_and_raises_the_version_and_its_fences()
    {
        var scene = await MembershipScene.CreateAsync(azurite);
        var before = (await scene.Membership.ReadAllAsync(Token)).Version;
        var entry = MembershipScene.Entry(1);
        entry.AddSuspector(MembershipScene.Silo(2), MembershipScene.Start.AddSeconds(1));
        entry.AddSuspector(MembershipScene.Silo(3), MembershipScene.Start.AddSeconds(2));
        entry.UpdateZone = 4;
        entry.FaultZone = 5;

        Assert.True(await scene.Membership.InsertRowAsync(entry, before.Next(), Token));

        foreach (var read in new[] { await scene.Membership.ReadAllAsync(Token), await scene.Membership.ReadRowAsync(entry.SiloAddress, Token) })
        {
            var (silo, etag) = Assert.Single(read.Members);
            Assert.Equal(MembershipScene.Text(entry), MembershipScene.Text(silo));
            Assert.Equal((entry.UpdateZone, entry.FaultZone, entry.RoleName, entry.HostName), (silo.UpdateZone, silo.FaultZone, silo.RoleName, silo.HostName));
            Assert.NotEmpty(etag);
            Assert.Equal(1, read.Version.Version);
            Assert.NotEqual(before.VersionEtag, read.Version.VersionEtag);
        }

        Assert.Equal("!Start=1 VersionRow=1 ~End=1", await VersionsAsync(scene));
    }

    [Fact]
    public async Task Reading_a_silo_that_is_not_there_gives_the_version_alone()
    {
        var scene = await MembershipScene.CreateAsync(azurite);
        var all = await scene.InsertAsync(MembershipScene.Entry(1));

        var read = await scene.Membership.ReadRowAsync(MembershipScene.Silo(2), Token);

        Assert.Empty(read.Members);
        Assert.Equal(all.Version, read.Version);
    }

    [Fact]
    public async Task An_insert_of_a_silo_that_is_there_fails_and_leaves_all_as_it_was()
    {
        var scene = await MembershipScene.CreateAsync(azurite);
        var all = await scene.InsertAsync(MembershipScene.Entry(1, SiloStatus.Active));

        Assert.False(await scene.Membership.InsertRowAsync(MembershipScene.Entry(1, SiloStatus.Dead), all.Version.Next(), Token));

        await AssertUnchangedAsync(scene, all);
    }

    [Theory]
    [InlineData("stale")]
    [InlineData("no etag at all")]
    [InlineData("")]
    [InlineData(null)]
    public async Task A_change_without_the_versions_etag_fails_and_leaves_all_as_it_was(string? etag)
    {
        var scene = await MembershipScene.CreateAsync(azurite);
        var stale = (await scene.Membership.ReadAllAsync(Token)).Version.VersionEtag;
        var all = await scene.InsertAsync(MembershipScene.Entry(1));
        var version = new TableVersion(2, etag == "stale" ? stale : etag!);

        Assert.False(await scene.Membership.InsertRowAsync(MembershipScene.Entry(2), version, Token));
        Assert.False(await scene.Membership.UpdateRowAsync(MembershipScene.Entry(1, SiloStatus.Dead), all.Members[0].Item2, version, Token));

        await AssertUnchangedAsync(scene, all);
    }

    [Fact]
    public async Task An_update_replaces_the_row_and_raises_the_version()
    {
        var scene = await MembershipScene.CreateAsync(azurite);
        var all = await scene.InsertAsync(MembershipScene.Entry(1));
        var entry = MembershipScene.Entry(1, SiloStatus.Active);

        Assert.True(await scene.Membership.UpdateRowAsync(entry, all.Members[0].Item2, all.Version.Next(), Token));

        var read = await scene.Membership.ReadAllAsync(Token);
        Assert.Equal((SiloStatus.Active, 2), (read.Members[0].Item1.Status, read.Version.Version));
        Assert.NotEqual(all.Members[0].Item2, read.Members[0].Item2);
        Assert.Equal("!Start=2 VersionRow=2 ~End=2", await VersionsAsync(scene));
        Assert.False(await scene.Membership.UpdateRowAsync(entry, all.Members[0].Item2, all.Version.Next(), Token));
    }

    [Fact]
    public async Task An_update_of_a_silo_that_is_not_there_fails_and_leaves_all_as_it_was()
    {
        var scene = await MembershipScene.CreateAsync(azurite);
        var all = await scene.InsertAsync(MembershipScene.Entry(1));

        Assert.False(await scene.Membership.UpdateRowAsync(MembershipScene.Entry(2), all.Members[0].Item2, all.Version.Next(), Token));

        await AssertUnchangedAsync(scene, all);
    }

    [Fact]
    public async Task A_heartbeat_changes_its_time_and_nothing_else_and_does_not_get_in_the_way_of_an_update()
    {
        var scene = await MembershipScene.CreateAsync(azurite);
        var all = await scene.InsertAsync(MembershipScene.Entry(1, SiloStatus.Active));
        var alive = MembershipScene.Entry(1, SiloStatus.Dead);
        alive.HostName = "not written";
        alive.IAmAliveTime = MembershipScene.Start.AddMinutes(3);

        await scene.Membership.UpdateIAmAliveAsync(alive, Token);

        var read = await scene.Membership.ReadAllAsync(Token);
        var silo = Assert.Single(read.Members).Item1;
        Assert.Equal((alive.IAmAliveTime, SiloStatus.Active, "vm"), (silo.IAmAliveTime, silo.Status, silo.HostName));
        Assert.Equal(all.Version, read.Version);
        Assert.True(await scene.Membership.UpdateRowAsync(silo, all.Members[0].Item2, all.Version.Next(), Token));
    }

    [Fact]
    public async Task A_heartbeat_of_a_silo_that_is_not_there_fails_and_adds_no_row()
    {
        var scene = await MembershipScene.CreateAsync(azurite);

        await Assert.ThrowsAsync<RequestFailedException>(() => scene.Membership.UpdateIAmAliveAsync(MembershipScene.Entry(1), Token));

        Assert.Empty((await scene.Membership.ReadAllAsync(Token)).Members);
    }

    [Fact]
    public async Task Of_two_changes_from_the_same_version_one_wins()
    {
        var scene = await MembershipScene.CreateAsync(azurite);
        for (var round = 0; round < 5; round++)
        {
            var version = (await scene.Membership.ReadAllAsync(Token)).Version.Next();

            var won = await Task.WhenAll(Enumerable.Range(0, 4).Select(number =>
                scene.Membership.InsertRowAsync(MembershipScene.Entry((round * 4) + number), version, Token)));

            Assert.Single(won, true);
        }

        Assert.Equal(5, (await scene.Membership.ReadAllAsync(Token)).Members.Count);
    }

    [Fact]
    public async Task Silos_with_IPv6_addresses_come_back()
    {
        var scene = await MembershipScene.CreateAsync(azurite);
        var entry = MembershipScene.Entry(1);
        entry.SiloAddress = SiloAddress.New(IPAddress.Parse("2001:db8::1"), 11_111, 7);
        entry.AddSuspector(entry.SiloAddress, MembershipScene.Start);

        var all = await scene.InsertAsync(entry);

        Assert.Equal(MembershipScene.Text(entry), MembershipScene.Text(Assert.Single(all.Members).Item1));
    }

    [Fact]
    public async Task Clusters_in_one_table_do_not_see_each_other_and_one_is_deleted_alone()
    {
        var scene = await MembershipScene.CreateAsync(azurite);
        var other = await scene.OpenAsync("other");
        await scene.InsertAsync(MembershipScene.Entry(1));
        Assert.Empty((await other.ReadAllAsync(Token)).Members);

        await other.DeleteMembershipTableEntriesAsync(MembershipScene.Cluster, Token);

        await Assert.ThrowsAsync<KeyNotFoundException>(() => scene.Membership.ReadAllAsync(Token));
        Assert.Equal(0, (await other.ReadAllAsync(Token)).Version.Version);
    }

    [Fact]
    public async Task A_cluster_of_more_rows_than_a_transaction_is_deleted()
    {
        var scene = await MembershipScene.CreateAsync(azurite);
        foreach (var chunk in Enumerable.Range(0, 150).Select(number => new TableEntity(MembershipScene.Cluster, $"row{number}")).Chunk(50))
        {
            await scene.Rows.SubmitTransactionAsync(chunk.Select(row => new TableTransactionAction(TableTransactionActionType.Add, row)), Token);
        }

        await scene.Membership.DeleteMembershipTableEntriesAsync(MembershipScene.Cluster, Token);

        Assert.Empty(await scene.Rows.QueryAsync<TableEntity>(cancellationToken: Token).ToListAsync(Token));
    }

    [Fact]
    public async Task Cleaning_up_deletes_dead_silos_without_news_since_then_and_leaves_the_version()
    {
        var scene = await MembershipScene.CreateAsync(azurite);
        var before = new DateTimeOffset(MembershipScene.Start.AddHours(1));
        foreach (var (number, status, started, alive, suspected) in new[]
        {
            (1, SiloStatus.Dead, -1, -1, -1),
            (2, SiloStatus.Active, -1, -1, -1),
            (3, SiloStatus.Dead, 0, -1, -1), // Exactly then is not before.
            (4, SiloStatus.Dead, -1, 0, -1),
            (5, SiloStatus.Dead, -1, -1, 0),
            (6, SiloStatus.ShuttingDown, -1, -1, -1),
        })
        {
            var entry = MembershipScene.Entry(number, status);
            entry.StartTime = before.UtcDateTime.AddMilliseconds(started);
            entry.IAmAliveTime = before.UtcDateTime.AddMilliseconds(alive);
            entry.AddSuspector(MembershipScene.Silo(9), before.UtcDateTime.AddMilliseconds(suspected));
            await scene.InsertAsync(entry);
        }

        var version = (await scene.Membership.ReadAllAsync(Token)).Version;
        await scene.Membership.CleanupDefunctSiloEntriesAsync(before, Token);

        var left = await scene.Membership.ReadAllAsync(Token);
        Assert.Equal([2, 3, 4, 5, 6], left.Members.Select(member => member.Item1.SiloAddress.Endpoint.Port - 21_000).Order());
        Assert.Equal(version, left.Version);
    }

    [Fact]
    public async Task Silos_may_clean_up_at_the_same_time()
    {
        var scene = await MembershipScene.CreateAsync(azurite);
        for (var number = 0; number < 5; number++)
        {
            await scene.InsertAsync(MembershipScene.Entry(number, SiloStatus.Dead));
        }

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ =>
            scene.Membership.CleanupDefunctSiloEntriesAsync(new DateTimeOffset(MembershipScene.Start.AddHours(1)), Token)));

        Assert.Empty((await scene.Membership.ReadAllAsync(Token)).Members);
    }

    [Fact]
    public async Task A_row_that_nobody_understands_hides_no_other()
    {
        var scene = await MembershipScene.CreateAsync(azurite);
        await scene.InsertAsync(MembershipScene.Entry(1));
        await scene.Rows.AddEntityAsync(new TableEntity(MembershipScene.Cluster, "junk") { ["Status"] = "Odd" }, Token);

        Assert.Single((await scene.Membership.ReadAllAsync(Token)).Members);
    }

    [Fact]
    public async Task An_answer_of_several_pages_is_whole()
    {
        var scene = await MembershipScene.CreateAsync(azurite, pageSize: 2);
        for (var number = 0; number < 5; number++)
        {
            await scene.InsertAsync(MembershipScene.Entry(number));
        }

        var all = await scene.Membership.ReadAllAsync(Token);

        Assert.Equal((5, 5), (all.Members.Count, all.Version.Version));
        Assert.Equal(5, (await scene.Membership.ReadRowAsync(MembershipScene.Silo(1), Token)).Version.Version);
    }

    [Fact]
    public async Task Pages_of_different_moments_are_read_again()
    {
        var scene = await MembershipScene.CreateAsync(azurite);
        await scene.InsertAsync(MembershipScene.Entry(1));
        var changes = 1;
        var between = new BetweenPages(async () =>
        {
            if (changes-- > 0)
            {
                await scene.InsertAsync(MembershipScene.Entry(0));
            }
        });
        var paged = await scene.OpenAsync(MembershipScene.Cluster, between, pageSize: 2);

        var all = await paged.ReadAllAsync(Token);

        Assert.Equal((2, 2), (all.Members.Count, all.Version.Version));
    }

    [Fact]
    public async Task Pages_that_never_fit_together_are_given_up()
    {
        var scene = await MembershipScene.CreateAsync(azurite);
        await scene.InsertAsync(MembershipScene.Entry(0));
        var number = 0;
        var between = new BetweenPages(() => scene.InsertAsync(MembershipScene.Entry(++number)));
        var paged = await scene.OpenAsync(MembershipScene.Cluster, between, pageSize: 2);

        await Assert.ThrowsAsync<InconsistentStateException>(() => paged.ReadAllAsync(Token));
    }

    [Fact]
    public async Task Pages_of_a_cluster_older_than_the_fences_are_taken()
    {
        var scene = await MembershipScene.CreateAsync(azurite, pageSize: 2);
        await scene.InsertAsync(MembershipScene.Entry(1));
        await scene.InsertAsync(MembershipScene.Entry(2));
        await scene.Rows.DeleteEntityAsync(MembershipScene.Cluster, "!Start", ETag.All, Token);
        await scene.Rows.DeleteEntityAsync(MembershipScene.Cluster, "~End", ETag.All, Token);

        Assert.Equal(2, (await scene.Membership.ReadAllAsync(Token)).Members.Count);
    }

    [Theory]
    [InlineData("initialize")]
    [InlineData("read all")]
    [InlineData("read row")]
    [InlineData("insert")]
    [InlineData("update")]
    [InlineData("heartbeat")]
    [InlineData("clean up")]
    [InlineData("delete")]
    public async Task Cancelling_ends_the_call_to_the_service(string what)
    {
        var calls = new EndlessCalls();
        var scene = await MembershipScene.CreateAsync(azurite, calls);
        var table = scene.Membership;
        var entry = MembershipScene.Entry(1);
        var version = new TableVersion(1, "W/\"e\"");

        await EndlessCalls.CheckAsync(calls, token => what switch
        {
            "initialize" => table.InitializeMembershipTableAsync(true, token),
            "read all" => table.ReadAllAsync(token),
            "read row" => table.ReadRowAsync(entry.SiloAddress, token),
            "insert" => table.InsertRowAsync(entry, version, token),
            "update" => table.UpdateRowAsync(entry, "W/\"e\"", version, token),
            "heartbeat" => table.UpdateIAmAliveAsync(entry, token),
            "clean up" => table.CleanupDefunctSiloEntriesAsync(DateTimeOffset.MaxValue, token),
            _ => table.DeleteMembershipTableEntriesAsync(MembershipScene.Cluster, token),
        });
    }

    private static async Task<string> VersionsAsync(MembershipScene scene) =>
        MembershipScene.Versions(await scene.Rows.QueryAsync<TableEntity>(cancellationToken: Token).ToListAsync(Token));

    private static async Task AssertUnchangedAsync(MembershipScene scene, MembershipTableData before)
    {
        var after = await scene.Membership.ReadAllAsync(Token);
        Assert.Equal(before.Version, after.Version);
        Assert.Equal(
            before.Members.Select(member => (MembershipScene.Text(member.Item1), member.Item2)),
            after.Members.Select(member => (MembershipScene.Text(member.Item1), member.Item2)));
    }

    /// <summary>Does something before the second page of a query is asked for.</summary>
    private sealed class BetweenPages(Func<Task> act) : HttpPipelinePolicy
    {
        public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) =>
            throw new NotSupportedException("The providers call asynchronously.");

        public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
        {
            var query = message.Request.Uri.ToString();
            if (query.Contains("NextRowKey", StringComparison.Ordinal) && IsSecond(query))
            {
                await act();
            }

            await ProcessNextAsync(message, pipeline);
        }

        // The first page ends after the second row, whichever that is; a third page begins with the version or the end.
        private static bool IsSecond(string query) => !query.Contains("VersionRow", StringComparison.Ordinal) && !query.Contains("~End", StringComparison.Ordinal) && !query.Contains("%7EEnd", StringComparison.Ordinal);
    }
}
