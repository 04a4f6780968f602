using Azure.Data.Tables;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Clustering.AzureStorage;
using Orleans.Configuration;
using Orleans.Messaging;
using Orleans.Runtime.MembershipService;
using Phaseo.Orleans.AzureStorage.Tables;

namespace Orleans.AzureUtils;

/// <summary>The silos of a cluster that take clients: those that are active and have a proxy port.</summary>
internal sealed partial class AzureGatewayListProvider(
    ILoggerFactory loggerFactory,
    IOptions<AzureStorageGatewayOptions> options,
    IOptions<ClusterOptions> clusterOptions,
    IOptions<GatewayOptions> gatewayOptions) : IGatewayListProvider
{
    private readonly ILogger _logger = loggerFactory.CreateLogger<AzureGatewayListProvider>();

    private TableClient? _table;

    public TimeSpan MaxStaleness => gatewayOptions.Value.GatewayListRefreshPeriod;

    public bool IsUpdatable => true;

    private TableClient Table => _table ?? throw new InvalidOperationException("The list of gateways is not initialized.");

    public Task InitializeGatewayListProvider() => InitializeGatewayListProviderAsync();

    public async Task InitializeGatewayListProviderAsync(CancellationToken cancellationToken = default) =>
        _table = await TableClients.OpenAsync(options.Value, cancellationToken);

    public Task<IList<Uri>> GetGateways() => GetGatewaysAsync();

    public async Task<IList<Uri>> GetGatewaysAsync(CancellationToken cancellationToken = default)
    {
        var filter = TableClient.CreateQueryFilter(
            $"PartitionKey eq {clusterOptions.Value.ClusterId} and Status eq {nameof(SiloStatus.Active)} and ProxyPort ne {"0"}");
        var gateways = new List<Uri>();
        await foreach (var row in Table.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken))
        {
            if (VersionRows.IsSilo(row) && TryRead(row) is { } gateway)
            {
                gateways.Add(gateway);
            }
        }

        return gateways;
    }

    private Uri? TryRead(TableEntity row)
    {
        try
        {
            return SiloRow.ReadGateway(row);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException)
        {
            LogNotUnderstood(_logger, e, row.RowKey);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Membership row {RowKey} was not understood and is ignored")]
    private static partial void LogNotUnderstood(ILogger logger, Exception exception, string rowKey);
}
