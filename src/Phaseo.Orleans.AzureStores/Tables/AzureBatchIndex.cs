using System.Globalization;
using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.AzureStores.Tables;

/// <summary>
/// The batch index as rows: partition workspace, row the batch id in descending order, because lists begin with the
/// newest.
/// </summary>
internal sealed class AzureBatchIndex(AzureHome home) : IBatchIndex
{
    // A binary column holds 64 KiB.
    private const int ColumnBytes = 60 * 1024;

    /// <inheritdoc/>
    public async Task<bool> UpsertAsync(BatchIndexRow row, CancellationToken cancellation)
    {
        var entity = Encode(row);
        while (true)
        {
            var stored = await home.Index.FindAsync(entity.PartitionKey, entity.RowKey, cancellation).ConfigureAwait(false);
            if (stored is not null && stored.GetInt64("Version") >= row.Version)
            {
                return false;
            }

            var written = stored is null
                ? await home.Index.TryAddAsync(entity, cancellation).ConfigureAwait(false)
                : await home.Index.TryReplaceAsync(entity, stored.ETag, cancellation).ConfigureAwait(false);
            if (written)
            {
                return true;
            }
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<BatchIndexRow>> ListAsync(BatchIndexQuery query, CancellationToken cancellation)
    {
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {query.Workspace}");
        if (query.After is { } after)
        {
            filter += " and " + TableClient.CreateQueryFilter($"RowKey gt {TableKeys.Descending(after)}");
        }

        if (query.SessionId is { } session)
        {
            filter += " and " + TableClient.CreateQueryFilter($"SessionId eq {session}");
        }

        // Pairs of metadata are no columns, so they are looked at here.
        return await home.Index.QueryRowsAsync(filter, cancellation)
            .Select(Decode)
            .Where(row => !row.Terminal || query.Statuses.Count == 0 || query.Statuses.Contains(row.Status))
            .Where(row => query.Metadata.All(pair => row.Metadata.TryGetValue(pair.Key, out var value) && value == pair.Value))
            .Take(query.Limit)
            .ToListAsync(cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<BatchIndexRow> ListUnfinishedAsync(CancellationToken cancellation) =>
        home.Index.QueryRowsAsync(TableClient.CreateQueryFilter($"Terminal eq {false}"), cancellation).Select(Decode);

    /// <inheritdoc/>
    public Task RemoveAsync(string workspace, string batchId, CancellationToken cancellation) =>
        home.Index.TryRemoveAsync(workspace, TableKeys.Descending(batchId), ETag.All, cancellation);

    private static TableEntity Encode(BatchIndexRow row)
    {
        var entity = new TableEntity(row.Workspace, TableKeys.Descending(row.BatchId))
        {
            ["BatchId"] = row.BatchId,
            ["Version"] = row.Version,
            ["Terminal"] = row.Terminal,
            ["Status"] = row.Status,
            ["SessionId"] = row.SessionId,
            ["Metadata"] = JsonSerializer.Serialize(row.Metadata),
        };
        var part = 0;
        for (var rest = row.Snapshot; part == 0 || !rest.IsEmpty; rest = rest[Math.Min(rest.Length, ColumnBytes)..])
        {
            entity[ColumnOf(part++)] = rest[..Math.Min(rest.Length, ColumnBytes)].ToArray();
        }

        return entity;
    }

    private static BatchIndexRow Decode(TableEntity row)
    {
        var snapshot = row.GetBinary(ColumnOf(0));
        for (var part = 1; row.GetBinary(ColumnOf(part)) is { } more; part++)
        {
            snapshot = [.. snapshot, .. more];
        }

        return new(
            row.PartitionKey,
            row.GetString("BatchId"),
            row.GetInt64("Version")!.Value,
            row.GetBoolean("Terminal")!.Value,
            row.GetString("Status"),
            row.GetString("SessionId"),
            JsonSerializer.Deserialize<Dictionary<string, string>>(row.GetString("Metadata"))!,
            snapshot);
    }

    private static string ColumnOf(int part) => part == 0 ? "Snapshot" : string.Create(CultureInfo.InvariantCulture, $"Snapshot{part}");
}
