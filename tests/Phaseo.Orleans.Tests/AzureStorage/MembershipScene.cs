using System.Globalization;
using System.Net;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.AzureUtils;
using Orleans.Clustering.AzureStorage;
using Orleans.Configuration;
using Orleans.Runtime.MembershipService;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.AzureStorage;

/// <summary>The membership of a cluster in a table of its own.</summary>
internal sealed class MembershipScene(AzureAccount account, string table)
{
    public const string Cluster = "k21665";

    public static readonly DateTime Start = new(2026, 11, 24, 3, 0, 21, 993, DateTimeKind.Utc);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public TableClient Rows { get; } = account.Tables().GetTableClient(table);

    public AzureBasedMembershipTable Membership { get; private set; } = null!;

    public static async Task<MembershipScene> CreateAsync(
        Azurite azurite, HttpPipelinePolicy? calls = null, int? pageSize = null, bool initializes = true)
    {
        var scene = new MembershipScene(await azurite.AccountAsync(), AzureAccount.NewTable());
        scene.Membership = await scene.OpenAsync(Cluster, calls, pageSize, initializes);
        return scene;
    }

    public async Task<AzureBasedMembershipTable> OpenAsync(
        string cluster, HttpPipelinePolicy? calls = null, int? pageSize = null, bool initializes = true)
    {
        var membership = new AzureBasedMembershipTable(
            NullLoggerFactory.Instance,
            Options.Create(new AzureStorageClusteringOptions { TableName = Rows.Name, TableServiceClient = account.Tables(calls) }),
            Options.Create(new ClusterOptions { ClusterId = cluster }))
        {
            PageSize = pageSize,
        };
        await membership.InitializeMembershipTableAsync(initializes, Token);
        return membership;
    }

    public async Task<AzureGatewayListProvider> GatewaysAsync(HttpPipelinePolicy? calls = null)
    {
        var gateways = new AzureGatewayListProvider(
            NullLoggerFactory.Instance,
            Options.Create(new AzureStorageGatewayOptions { TableName = Rows.Name, TableServiceClient = account.Tables(calls) }),
            Options.Create(new ClusterOptions { ClusterId = Cluster }),
            Options.Create(new GatewayOptions { GatewayListRefreshPeriod = TimeSpan.FromSeconds(42) }));
        await gateways.InitializeGatewayListProviderAsync(Token);
        return gateways;
    }

    public static SiloAddress Silo(int number) => SiloAddress.New(IPAddress.Loopback, 21_000 + number, 154_494_000 + number);

    public static MembershipEntry Entry(int number, SiloStatus status = SiloStatus.Joining) => new()
    {
        SiloAddress = Silo(number),
        HostName = "vm",
        SiloName = $"Silo_{number}",
        RoleName = "killtest",
        Status = status,
        ProxyPort = 31_000 + number,
        StartTime = Start,
        IAmAliveTime = Start,
    };

    /// <summary>Adds a silo to whatever the membership is now.</summary>
    public async Task<MembershipTableData> InsertAsync(MembershipEntry entry)
    {
        var version = (await Membership.ReadAllAsync(Token)).Version.Next();
        Assert.True(await Membership.InsertRowAsync(entry, version, Token));
        return await Membership.ReadAllAsync(Token);
    }

    public async Task<TableEntity> RowAsync(string key) => await Rows.GetEntityAsync<TableEntity>(Cluster, key);

    public static string Text(MembershipEntry entry) => entry.ToFullString();

    public static string Versions(IEnumerable<TableEntity> rows) => string.Join(
        ' ',
        rows.Where(row => row.ContainsKey("MembershipVersion"))
            .OrderBy(row => row.RowKey, StringComparer.Ordinal)
            .Select(row => string.Create(CultureInfo.InvariantCulture, $"{row.RowKey}={row["MembershipVersion"]}")));
}
