using System.Runtime.CompilerServices;
using Azure;
using Azure.Data.Tables;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.AzureStores.Tables;

/// <summary>Open batches as rows: partition workspace, row batch id. The table holds nothing else, so a scan of it is short.</summary>
internal sealed class AzureOpenBatches(AzureHome home) : IOpenBatches
{
    /// <inheritdoc/>
    public Task AddAsync(OpenBatch row, CancellationToken cancellation) => home.Open.TryAddAsync(
        new TableEntity(row.Workspace, row.BatchId)
        {
            ["FileId"] = row.FileId,
            ["CreatedAt"] = row.CreatedAt.UtcTicks,
            ["Deadline"] = row.Deadline.UtcTicks,
            ["Heartbeat"] = row.Heartbeat.UtcTicks,
        },
        cancellation);

    /// <inheritdoc/>
    public Task<bool> BeatAsync(string workspace, string batchId, DateTimeOffset at, CancellationToken cancellation) =>
        home.Open.TryMergeAsync(new TableEntity(workspace, batchId) { ["Heartbeat"] = at.UtcTicks }, cancellation);

    /// <inheritdoc/>
    public async IAsyncEnumerable<OpenBatch> ListAsync(DateTimeOffset? olderThan, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var filter = olderThan is { } limit ? TableClient.CreateQueryFilter($"Heartbeat lt {limit.UtcTicks}") : null;
        await foreach (var row in home.Open.QueryRowsAsync(filter, cancellation).ConfigureAwait(false))
        {
            yield return new OpenBatch(
                row.PartitionKey,
                row.RowKey,
                row.GetString("FileId"),
                row.Time("CreatedAt"),
                row.Time("Deadline"),
                row.Time("Heartbeat"));
        }
    }

    /// <inheritdoc/>
    public Task RemoveAsync(string workspace, string batchId, CancellationToken cancellation) =>
        home.Open.TryRemoveAsync(workspace, batchId, ETag.All, cancellation);
}
