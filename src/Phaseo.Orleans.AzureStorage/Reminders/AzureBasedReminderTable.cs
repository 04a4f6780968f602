using Azure;
using Azure.Data.Tables;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Reminders.AzureStorage;
using Phaseo.Orleans.AzureStorage.Tables;

namespace Orleans.Runtime.ReminderService;

/// <summary>Reminders on Azure Tables; see <see cref="ReminderRows"/>. Until it has started, all calls wait.</summary>
public sealed partial class AzureBasedReminderTable(
    ILoggerFactory loggerFactory,
    IOptions<ClusterOptions> clusterOptions,
    IOptions<AzureTableReminderStorageOptions> storageOptions,
    TimeProvider? timeProvider = null) : IReminderTable, IDisposable
{
    private static readonly TimeSpan StartRetryDelay = TimeSpan.FromSeconds(1);

    private readonly ILogger _logger = loggerFactory.CreateLogger<AzureBasedReminderTable>();

    private readonly AzureTableReminderStorageOptions _options = storageOptions.Value;

    private readonly ReminderRows _rows = new(clusterOptions.Value.ServiceId, clusterOptions.Value.ClusterId);

    private readonly TaskCompletionSource<TableClient> _table = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Opens the table. While the service does not answer, tries again every second.</summary>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        while (true)
        {
            try
            {
                _table.TrySetResult(await TableClients.OpenAsync(_options, ending.Token));
                return;
            }
            catch (Exception e) when (!ending.IsCancellationRequested)
            {
                LogNotStarted(_logger, e, _options.TableName);
            }

            await Task.Delay(StartRetryDelay, timeProvider ?? TimeProvider.System, ending.Token);
        }
    }

    /// <summary>Ends a start that is still trying, and the calls that wait for it.</summary>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        await _stopping.CancelAsync();
        _table.TrySetCanceled(_stopping.Token);
    }

    public void Dispose() => _stopping.Dispose();

    public Task<ReminderTableData> ReadRows(GrainId grainId) => ReadRows(grainId, CancellationToken.None);

    public async Task<ReminderTableData> ReadRows(GrainId grainId, CancellationToken cancellationToken)
    {
        // The range of rows also has those of a grain whose key goes on with a dash.
        var reminders = await ReadAsync(_rows.FilterOfGrain(grainId), cancellationToken);
        return new ReminderTableData(reminders.Where(reminder => reminder.GrainId == grainId));
    }

    public Task<ReminderTableData> ReadRows(uint begin, uint end) => ReadRows(begin, end, CancellationToken.None);

    public async Task<ReminderTableData> ReadRows(uint begin, uint end, CancellationToken cancellationToken)
    {
        var ranges = await Task.WhenAll(_rows.FiltersOfRange(begin, end).Select(filter => ReadAsync(filter, cancellationToken)));
        return new ReminderTableData(ranges.SelectMany(reminders => reminders));
    }

    public Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName) =>
        ReadRow(grainId, reminderName, CancellationToken.None);

    /// <summary>The reminder, or null if there is none.</summary>
    public async Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName, CancellationToken cancellationToken)
    {
        var table = await _table.Task.WaitAsync(cancellationToken);
        var row = await table.GetEntityIfExistsAsync<TableEntity>(
            _rows.PartitionKey(grainId), ReminderRows.RowKey(grainId, reminderName), cancellationToken: cancellationToken);
        return row.HasValue && TryRead(row.Value!) is { } reminder ? reminder : null;
    }

    public Task<string?> UpsertRow(ReminderEntry entry) => UpsertRow(entry, CancellationToken.None);

    /// <summary>Adds or overwrites a reminder. Returns its new etag, or null if another write got in the way.</summary>
    public async Task<string?> UpsertRow(ReminderEntry entry, CancellationToken cancellationToken)
    {
        var table = await _table.Task.WaitAsync(cancellationToken);
        try
        {
            var response = await table.UpsertEntityAsync(_rows.Write(entry), TableUpdateMode.Merge, cancellationToken);
            return response.Headers.ETag.ToString();
        }
        catch (RequestFailedException e) when (TableErrors.IsContention(e))
        {
            LogContention(_logger, entry.GrainId, e.Status);
            return null;
        }
    }

    public Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag) =>
        RemoveRow(grainId, reminderName, eTag, CancellationToken.None);

    /// <summary>Removes a reminder. False if it is not there or no longer has that etag.</summary>
    public async Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag, CancellationToken cancellationToken)
    {
        if (!TableEtags.CanMatch(eTag))
        {
            return false;
        }

        var table = await _table.Task.WaitAsync(cancellationToken);
        try
        {
            var response = await table.DeleteEntityAsync(
                _rows.PartitionKey(grainId), ReminderRows.RowKey(grainId, reminderName), new ETag(eTag), cancellationToken);
            return !response.IsError; // To delete what is not there is an answer with 404, and no exception.
        }
        catch (RequestFailedException e) when (TableErrors.IsContention(e))
        {
            LogContention(_logger, grainId, e.Status);
            return false;
        }
    }

    public Task TestOnlyClearTable() => TestOnlyClearTable(CancellationToken.None);

    /// <summary>Deletes the reminders that this cluster of this service has written.</summary>
    public async Task TestOnlyClearTable(CancellationToken cancellationToken)
    {
        var table = await _table.Task.WaitAsync(cancellationToken);
        var rows = new List<TableEntity>();
        foreach (var filter in _rows.FiltersOfRange(0, 0))
        {
            await foreach (var row in table.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken))
            {
                if (_rows.IsOfThisCluster(row))
                {
                    rows.Add(row);
                }
            }
        }

        await TableRows.DeleteAsync(table, rows, _options.StoragePolicyOptions, cancellationToken);
    }

    private async Task<List<ReminderEntry>> ReadAsync(string filter, CancellationToken cancellationToken)
    {
        var table = await _table.Task.WaitAsync(cancellationToken);
        var reminders = new List<ReminderEntry>();
        await foreach (var row in table.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken))
        {
            if (TryRead(row) is { } reminder)
            {
                reminders.Add(reminder);
            }
        }

        return reminders;
    }

    private ReminderEntry? TryRead(TableEntity row)
    {
        if (_rows.TryRead(row, out var reminder))
        {
            return reminder;
        }

        if (_rows.IsOurs(row))
        {
            LogNotUnderstood(_logger, row.PartitionKey, row.RowKey);
        }

        return null;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Reminder table {Table} could not be opened, trying again")]
    private static partial void LogNotStarted(ILogger logger, Exception exception, string table);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A reminder of {Grain} was changed by somebody else (HTTP {Status})")]
    private static partial void LogContention(ILogger logger, GrainId grain, int status);

    [LoggerMessage(Level = LogLevel.Error, Message = "Reminder row {PartitionKey}, {RowKey} was not understood and is ignored")]
    private static partial void LogNotUnderstood(ILogger logger, string partitionKey, string rowKey);
}
