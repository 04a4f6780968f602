using Azure;
using Azure.Data.Tables;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.AzureStorage;

/// <summary><c>azure_membership.json</c> is what Orleans' own package stored for this cluster.</summary>
public sealed class StoredMembershipTests(Azurite azurite)
{
    private const string Golden = "azure_membership.json";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_silo_is_stored_as_the_golden_has_it()
    {
        var scene = await MembershipScene.CreateAsync(azurite);
        var version = (await scene.Membership.ReadAllAsync(Token)).Version;

        Assert.True(await scene.Membership.InsertRowAsync(Entry(), new TableVersion(7, version.VersionEtag), Token));

        StoredGolden.Check(Golden, await StoredRows.WriteAsync(scene.Rows));
    }

    [Fact]
    public async Task A_silo_is_read_from_every_golden_and_can_be_updated()
    {
        foreach (var rows in StoredGolden.ReadAll(Golden))
        {
            var scene = await MembershipScene.CreateAsync(azurite, initializes: false);
            await StoredRows.ReadAsync(scene.Rows, rows);

            var read = await scene.Membership.ReadAllAsync(Token);

            var (silo, etag) = Assert.Single(read.Members);
            Assert.Equal(MembershipScene.Text(Entry()), MembershipScene.Text(silo));
            Assert.Equal(7, read.Version.Version);
            Assert.True(await scene.Membership.UpdateRowAsync(silo, etag, read.Version.Next(), Token));
        }
    }

    [Fact]
    public async Task A_silo_without_suspectors_is_stored_with_empty_text()
    {
        var scene = await MembershipScene.CreateAsync(azurite);

        await scene.InsertAsync(MembershipScene.Entry(1));

        var row = await scene.RowAsync("127.0.0.1-21001-154494001");
        Assert.Equal(("", ""), (row.GetString("SuspectingSilos"), row.GetString("SuspectingTimes")));
    }

    [Fact]
    public async Task A_row_of_before_the_fences_gets_them_with_the_next_change()
    {
        var scene = await MembershipScene.CreateAsync(azurite);
        await scene.Rows.DeleteEntityAsync(MembershipScene.Cluster, "!Start", ETag.All, Token);
        await scene.Rows.DeleteEntityAsync(MembershipScene.Cluster, "~End", ETag.All, Token);

        await scene.InsertAsync(MembershipScene.Entry(1));

        var rows = await scene.Rows.QueryAsync<TableEntity>(cancellationToken: Token).ToListAsync(Token);
        Assert.Equal("!Start=1 VersionRow=1 ~End=1", MembershipScene.Versions(rows));
    }

    private static MembershipEntry Entry()
    {
        var suspector = SiloAddress.New(System.Net.IPAddress.Loopback, 21_001, 154_494_018);
        var suspected = new DateTime(2026, 11, 24, 3, 1, 8, 976, DateTimeKind.Utc);
        return new MembershipEntry
        {
            SiloAddress = SiloAddress.New(System.Net.IPAddress.Loopback, 21_002, 154_494_021),
            HostName = "vm",
            Status = SiloStatus.Dead,
            ProxyPort = 31_002,
            RoleName = "killtest",
            SiloName = "Silo_54000",
            SuspectTimes = [Tuple.Create(suspector, suspected), Tuple.Create(suspector, suspected)],
            StartTime = MembershipScene.Start,
            IAmAliveTime = new DateTime(2026, 11, 24, 3, 0, 31, 917, DateTimeKind.Utc),
        };
    }
}
