using Azure;
using Azure.Data.Tables;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Clustering.AzureStorage;
using Orleans.Configuration;
using Orleans.Storage;
using Phaseo.Orleans.AzureStorage.Tables;

namespace Orleans.Runtime.MembershipService;

/// <summary>
/// Membership of a cluster on Azure Tables; see <see cref="SiloRow"/> and <see cref="VersionRows"/>. A change of a silo's
/// row and the rise of the version are one transaction with the version's etag as its condition; the etag of the silo's
/// own row is no condition, as its heartbeats change it.
/// </summary>
internal sealed partial class AzureBasedMembershipTable(
    ILoggerFactory loggerFactory,
    IOptions<AzureStorageClusteringOptions> clusteringOptions,
    IOptions<ClusterOptions> clusterOptions) : IMembershipTable
{
    private const int MaxTornReads = 5;

    private readonly ILogger _logger = loggerFactory.CreateLogger<AzureBasedMembershipTable>();

    private readonly AzureStorageClusteringOptions _options = clusteringOptions.Value;

    private readonly string _clusterId = clusterOptions.Value.ClusterId;

    private TableClient? _table;

    /// <summary>Rows of a page, for tests; null leaves it to the service.</summary>
    internal int? PageSize { get; init; }

    private TableClient Table => _table ?? throw new InvalidOperationException("The membership table is not initialized.");

    public async Task InitializeMembershipTableAsync(bool tryInitTableVersion, CancellationToken cancellationToken = default)
    {
        _table = await TableClients.OpenAsync(_options, cancellationToken);
        if (!tryInitTableVersion)
        {
            return;
        }

        var version = await Table.GetEntityIfExistsAsync<TableEntity>(
            _clusterId, VersionRows.VersionKey, cancellationToken: cancellationToken);
        if (!version.HasValue && await TrySubmitAsync(VersionRows.Add(_clusterId), cancellationToken))
        {
            LogCreated(_logger, _clusterId, _options.TableName);
        }
    }

    public async Task<MembershipTableData> ReadRowAsync(SiloAddress key, CancellationToken cancellationToken = default)
    {
        var filter = TableClient.CreateQueryFilter(
            $"PartitionKey eq {_clusterId} and (RowKey eq {SiloRow.RowKey(key)} or RowKey eq {VersionRows.VersionKey})");
        var (rows, pages) = await QueryAsync(filter, cancellationToken);
        if (pages == 1)
        {
            return Read(rows);
        }

        // Two pages may be of two moments.
        var all = await ReadAllAsync(cancellationToken);
        return all.TryGet(key) is { } silo ? new MembershipTableData(silo, all.Version) : new MembershipTableData(all.Version);
    }

    /// <exception cref="InconsistentStateException">The table changed during each of several attempts to read it.</exception>
    public async Task<MembershipTableData> ReadAllAsync(CancellationToken cancellationToken = default)
    {
        for (var attempt = 0; attempt < MaxTornReads; attempt++)
        {
            var (rows, pages) = await QueryAsync(TableClient.CreateQueryFilter($"PartitionKey eq {_clusterId}"), cancellationToken);
            if (pages <= 1 || VersionRows.FencesAgree(rows))
            {
                return Read(rows);
            }

            LogTorn(_logger, _clusterId, pages);
        }

        throw new InconsistentStateException($"Membership of cluster {_clusterId} changed while it was read, {MaxTornReads} times in a row.");
    }

    public Task<bool> InsertRowAsync(MembershipEntry entry, TableVersion tableVersion, CancellationToken cancellationToken = default)
    {
        var row = new TableTransactionAction(TableTransactionActionType.Add, SiloRow.Write(entry, _clusterId));
        return ChangeAsync(row, tableVersion, cancellationToken);
    }

    public Task<bool> UpdateRowAsync(
        MembershipEntry entry, string etag, TableVersion tableVersion, CancellationToken cancellationToken = default)
    {
        // "Any" etag still wants the row to be there.
        var row = new TableTransactionAction(TableTransactionActionType.UpdateReplace, SiloRow.Write(entry, _clusterId), ETag.All);
        return ChangeAsync(row, tableVersion, cancellationToken);
    }

    public Task UpdateIAmAliveAsync(MembershipEntry entry, CancellationToken cancellationToken = default) =>
        Table.UpdateEntityAsync(SiloRow.WriteHeartbeat(entry, _clusterId), ETag.All, TableUpdateMode.Merge, cancellationToken);

    public async Task CleanupDefunctSiloEntriesAsync(DateTimeOffset beforeDate, CancellationToken cancellationToken = default)
    {
        var (rows, _) = await QueryAsync(
            TableClient.CreateQueryFilter($"PartitionKey eq {_clusterId} and Status eq {nameof(SiloStatus.Dead)}"), cancellationToken);
        var defunct = rows.Where(row => TryRead(row) is { Status: SiloStatus.Dead } silo && LastNewsOf(silo) < beforeDate.UtcDateTime);
        await TableRows.DeleteAsync(Table, defunct, _options.StoragePolicyOptions, cancellationToken);
    }

    public async Task DeleteMembershipTableEntriesAsync(string clusterId, CancellationToken cancellationToken = default)
    {
        var (rows, _) = await QueryAsync(TableClient.CreateQueryFilter($"PartitionKey eq {clusterId}"), cancellationToken);
        await TableRows.DeleteAsync(Table, rows, _options.StoragePolicyOptions, cancellationToken);
    }

    private static DateTime LastNewsOf(MembershipEntry silo) =>
        (silo.SuspectTimes ?? []).Select(suspicion => suspicion.Item2).Append(silo.StartTime).Append(silo.IAmAliveTime).Max();

    private Task<bool> ChangeAsync(TableTransactionAction row, TableVersion version, CancellationToken cancellationToken) =>
        TableEtags.CanMatch(version.VersionEtag)
            ? TrySubmitAsync([row, .. VersionRows.Replace(_clusterId, version)], cancellationToken)
            : Task.FromResult(false);

    private async Task<bool> TrySubmitAsync(IEnumerable<TableTransactionAction> actions, CancellationToken cancellationToken)
    {
        try
        {
            await Table.SubmitTransactionAsync(actions, cancellationToken);
            return true;
        }
        catch (RequestFailedException e) when (TableErrors.IsContention(e))
        {
            LogContention(_logger, _clusterId, e.Status);
            return false;
        }
    }

    private async Task<(List<TableEntity> Rows, int Pages)> QueryAsync(string filter, CancellationToken cancellationToken)
    {
        var (rows, pages) = (new List<TableEntity>(), 0);
        await foreach (var page in Table.QueryAsync<TableEntity>(filter, PageSize, cancellationToken: cancellationToken).AsPages())
        {
            rows.AddRange(page.Values);
            pages++;
        }

        return (rows, pages);
    }

    private MembershipTableData Read(List<TableEntity> rows)
    {
        var silos = new List<Tuple<MembershipEntry, string>>();
        foreach (var row in rows.Where(VersionRows.IsSilo))
        {
            if (TryRead(row) is { } silo)
            {
                silos.Add(Tuple.Create(silo, row.ETag.ToString()));
            }
        }

        return new MembershipTableData(silos, VersionRows.Read(rows));
    }

    private MembershipEntry? TryRead(TableEntity row)
    {
        try
        {
            return SiloRow.Read(row);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException)
        {
            LogNotUnderstood(_logger, e, row.RowKey);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Membership of cluster {Cluster} was created in table {Table}")]
    private static partial void LogCreated(ILogger logger, string cluster, string table);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Membership of cluster {Cluster} was changed by another silo (HTTP {Status})")]
    private static partial void LogContention(ILogger logger, string cluster, int status);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Membership of cluster {Cluster} changed while its {Pages} pages were read")]
    private static partial void LogTorn(ILogger logger, string cluster, int pages);

    [LoggerMessage(Level = LogLevel.Error, Message = "Membership row {RowKey} was not understood and is ignored")]
    private static partial void LogNotUnderstood(ILogger logger, Exception exception, string rowKey);
}
