using Azure;
using Azure.Data.Tables;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Serialization.Serializers;
using Phaseo.Orleans.AzureStorage.Tables;

namespace Orleans.Storage;

/// <summary>
/// Grain storage on Azure Tables: one row for each state, with partition key <c>{service id}_{grain id}</c> and row key
/// the state's name; see <see cref="StateColumns"/> for its columns. A cleared state leaves an empty row, unless
/// <see cref="AzureTableStorageOptions.DeleteStateOnClear"/>.
/// </summary>
public sealed partial class AzureTableGrainStorage(
    string name,
    AzureTableStorageOptions options,
    IOptions<ClusterOptions> clusterOptions,
    ILogger<AzureTableGrainStorage> logger,
    IActivatorProvider activatorProvider) : IGrainStorage, ILifecycleParticipant<ISiloLifecycle>
{
    private readonly string _serviceId = clusterOptions.Value.ServiceId;

    private TableClient? _table;

    private TableClient Table => _table ?? throw new InvalidOperationException($"Grain storage '{name}' has not started.");

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ReadStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public async Task ReadStateAsync<T>(
        string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var row = await Table.GetEntityIfExistsAsync<TableEntity>(
            PartitionKey(grainId), RowKey(stateName), cancellationToken: cancellationToken);
        if (!row.HasValue)
        {
            Reset(grainState, etag: null);
            return;
        }

        var etag = row.Value!.ETag.ToString();
        if (StateColumns.Read(row.Value) is not { } stored)
        {
            Reset(grainState, etag);
            return;
        }

        grainState.State = options.GrainStorageSerializer.Deserialize<T>(stored) ?? CreateState<T>();
        grainState.ETag = etag;
        grainState.RecordExists = true;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        WriteStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public async Task WriteStateAsync<T>(
        string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var row = new TableEntity(PartitionKey(grainId), RowKey(stateName));
        StateColumns.Write(row, options.GrainStorageSerializer.Serialize(grainState.State), options.UseStringFormat);

        grainState.ETag = await StoreAsync(stateName, grainId, row, grainState.ETag, cancellationToken);
        grainState.RecordExists = true;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ClearStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public async Task ClearStateAsync<T>(
        string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var row = new TableEntity(PartitionKey(grainId), RowKey(stateName));
        var etag = options.DeleteStateOnClear
            ? await DeleteAsync(stateName, grainId, row, grainState.ETag, cancellationToken)
            : await StoreAsync(stateName, grainId, row, grainState.ETag, cancellationToken);

        Reset(grainState, etag);
    }

    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe($"{nameof(AzureTableGrainStorage)}-{name}", options.InitStage, InitAsync);

    private async Task InitAsync(CancellationToken cancellationToken)
    {
        _table = await TableClients.OpenAsync(options, cancellationToken);
        LogStarted(logger, name, options.TableName);
    }

    /// <summary>Adds the row if <paramref name="etag"/> is empty, else replaces the one that has it. Returns the new etag.</summary>
    private async Task<string> StoreAsync(
        string stateName, GrainId grainId, TableEntity row, string? etag, CancellationToken cancellationToken)
    {
        ThrowIfNoEtag(stateName, grainId, etag);
        try
        {
            var response = string.IsNullOrEmpty(etag)
                ? await Table.AddEntityAsync(row, cancellationToken)
                : await Table.UpdateEntityAsync(row, new ETag(etag), TableUpdateMode.Replace, cancellationToken);
            return response.Headers.ETag.ToString()!;
        }
        catch (RequestFailedException e) when (TableErrors.IsContention(e))
        {
            throw Inconsistent(stateName, grainId, etag, e);
        }
    }

    /// <summary>Deletes the row if it has <paramref name="etag"/>; does nothing if that is empty. Returns no etag.</summary>
    private async Task<string?> DeleteAsync(
        string stateName, GrainId grainId, TableEntity row, string? etag, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(etag))
        {
            return null;
        }

        ThrowIfNoEtag(stateName, grainId, etag);
        try
        {
            await Table.DeleteEntityAsync(row.PartitionKey, row.RowKey, new ETag(etag), cancellationToken);
            return null;
        }
        catch (RequestFailedException e) when (TableErrors.IsContention(e))
        {
            throw Inconsistent(stateName, grainId, etag, e);
        }
    }

    private void ThrowIfNoEtag(string stateName, GrainId grainId, string? etag)
    {
        if (!string.IsNullOrEmpty(etag) && !TableEtags.CanMatch(etag))
        {
            throw Inconsistent(stateName, grainId, etag, new FormatException("No row in Azure Tables has such an etag."));
        }
    }

    private TableStorageUpdateConditionNotSatisfiedException Inconsistent(
        string stateName, GrainId grainId, string? etag, Exception error) =>
        new(stateName, grainId.ToString(), options.TableName, "Unknown", etag ?? "", error);

    private void Reset<T>(IGrainState<T> grainState, string? etag)
    {
        grainState.State = CreateState<T>();
        grainState.ETag = etag;
        grainState.RecordExists = false;
    }

    private T CreateState<T>() => activatorProvider.GetActivator<T>().Create();

    private string PartitionKey(GrainId grainId) => TableKeys.Sanitize($"{_serviceId}_{grainId}");

    private static string RowKey(string stateName) => TableKeys.Sanitize(stateName);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Grain storage {Name} opened table {Table}")]
    private static partial void LogStarted(ILogger logger, string name, string table);
}
