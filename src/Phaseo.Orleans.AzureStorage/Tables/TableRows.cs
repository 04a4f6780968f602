using Azure;
using Azure.Data.Tables;

namespace Phaseo.Orleans.AzureStorage.Tables;

/// <summary>What providers do with many rows.</summary>
internal static class TableRows
{
    /// <summary>Deletes rows, whatever their etags, as many at once as the service and the policy allow. Rows already gone count as deleted.</summary>
    public static async Task DeleteAsync(
        TableClient table, IEnumerable<TableEntity> rows, TablePolicyOptions policy, CancellationToken cancellationToken)
    {
        // A transaction must keep to one partition.
        foreach (var partition in rows.GroupBy(row => row.PartitionKey, StringComparer.Ordinal))
        {
            foreach (var chunk in partition.Chunk(Math.Clamp(policy.MaxBulkUpdateRows, 1, TablePolicyOptions.TransactionLimit)))
            {
                await DeleteTogetherAsync(table, chunk, cancellationToken);
            }
        }
    }

    private static async Task DeleteTogetherAsync(TableClient table, TableEntity[] rows, CancellationToken cancellationToken)
    {
        try
        {
            await table.SubmitTransactionAsync(
                rows.Select(row => new TableTransactionAction(TableTransactionActionType.Delete, row, ETag.All)), cancellationToken);
        }
        catch (TableTransactionFailedException e) when (TableErrors.IsContention(e))
        {
            // Somebody else is deleting too, and one missing row fails a transaction.
            foreach (var row in rows)
            {
                await table.DeleteEntityAsync(row.PartitionKey, row.RowKey, ETag.All, cancellationToken);
            }
        }
    }
}
