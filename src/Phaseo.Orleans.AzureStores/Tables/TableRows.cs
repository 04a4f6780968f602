using System.Runtime.CompilerServices;
using Azure;
using Azure.Data.Tables;

namespace Phaseo.Orleans.AzureStores.Tables;

/// <summary>
/// The few acts on a table that the stores are made of, with refusals as values. Times are columns of ticks (UTC, 100 ns):
/// a date of the service loses digits when it is compared in the emulator.
/// </summary>
internal static class TableRows
{
    /// <summary>The row; null when there is none.</summary>
    public static Task<TableEntity?> FindAsync(this TableClient table, string partition, string row, CancellationToken cancellation) =>
        AzureCalls.RunAsync("get row", async () =>
        {
            var found = await table.GetEntityIfExistsAsync<TableEntity>(partition, row, cancellationToken: cancellation).ConfigureAwait(false);
            return found.HasValue ? found.Value : null;
        });

    /// <summary>Adds the row. False: one is there.</summary>
    public static Task<bool> TryAddAsync(this TableClient table, TableEntity row, CancellationToken cancellation) =>
        TryAsync("add row", () => table.AddEntityAsync(row, cancellation));

    /// <summary>Replaces the row if it still has this tag. False: it has not, or is gone.</summary>
    public static Task<bool> TryReplaceAsync(this TableClient table, TableEntity row, ETag tag, CancellationToken cancellation) =>
        TryAsync("replace row", () => table.UpdateEntityAsync(row, tag, TableUpdateMode.Replace, cancellation));

    /// <summary>Changes the given columns of a row, whatever its tag. False: there is none.</summary>
    public static Task<bool> TryMergeAsync(this TableClient table, TableEntity columns, CancellationToken cancellation) =>
        TryAsync("merge row", () => table.UpdateEntityAsync(columns, ETag.All, TableUpdateMode.Merge, cancellation));

    /// <summary>Removes the row if it still has this tag. False: it has not, or is gone.</summary>
    public static Task<bool> TryRemoveAsync(this TableClient table, string partition, string row, ETag tag, CancellationToken cancellation) =>
        TryAsync("remove row", () => table.DeleteEntityAsync(partition, row, tag, cancellation));

    /// <summary>Carries out acts on one partition together or not at all. False: one of them was refused.</summary>
    public static Task<bool> TryTogetherAsync(this TableClient table, IEnumerable<TableTransactionAction> acts, CancellationToken cancellation) =>
        TryAsync("change rows", () => table.SubmitTransactionAsync(acts, cancellation));

    /// <summary>The rows that pass a filter, in the order of their keys, page by page.</summary>
    public static async IAsyncEnumerable<TableEntity> QueryRowsAsync(
        this TableClient table, string? filter, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var pages = table.QueryAsync<TableEntity>(filter, cancellationToken: cancellation)
            .AsPages().GetAsyncEnumerator(cancellation);
        while (await AzureCalls.RunAsync("list rows", () => pages.MoveNextAsync().AsTask()).ConfigureAwait(false))
        {
            foreach (var row in pages.Current.Values)
            {
                yield return row;
            }
        }
    }

    /// <summary>A column that holds a time.</summary>
    public static DateTimeOffset Time(this TableEntity row, string column) => new(row.GetInt64(column)!.Value, TimeSpan.Zero);

    private static Task<bool> TryAsync<T>(string what, Func<Task<T>> act) => AzureCalls.RunAsync(what, async () =>
    {
        try
        {
            await act().ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 404 or 409 or 412)
        {
            return false;
        }
    });
}
