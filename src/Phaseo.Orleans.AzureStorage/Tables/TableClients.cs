using Azure;
using Azure.Data.Tables;
using Azure.Identity;

namespace Phaseo.Orleans.AzureStorage.Tables;

/// <summary>Makes clients of the table service.</summary>
internal static class TableClients
{
    /// <summary>
    /// A client for what an operator writes into a setting: a connection string; a URI with a shared access signature;
    /// or a plain URI, for which the identity of the process is used (<see cref="DefaultAzureCredential"/>).
    /// </summary>
    public static TableServiceClient Create(string connection)
    {
        if (!Uri.TryCreate(connection, UriKind.Absolute, out var uri))
        {
            return new TableServiceClient(connection);
        }

        return uri.Query.Length > 0
            ? new TableServiceClient(new UriBuilder(uri) { Query = null }.Uri, new AzureSasCredential(uri.Query))
            : new TableServiceClient(uri, new DefaultAzureCredential());
    }

    /// <summary>Opens the table that the options name, and creates it if need be.</summary>
    public static async Task<TableClient> OpenAsync(TableStorageOptions options, CancellationToken cancellationToken)
    {
        var create = options.CreateClient
            ?? throw new InvalidOperationException($"No {nameof(TableServiceClient)} is configured for table '{options.TableName}'.");
        var service = await create().WaitAsync(cancellationToken);
        var table = service.GetTableClient(options.TableName);
        await table.CreateIfNotExistsAsync(cancellationToken);
        return table;
    }
}
