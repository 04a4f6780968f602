using Azure.Data.Tables;
using Azure.Identity;
using Azure.Storage.Blobs;
using Phaseo.Orleans.AzureStores.Faults;

namespace Phaseo.Orleans.Silo;

/// <summary>An Azure Storage account as a silo is told of it.</summary>
internal sealed record StorageAccount(BlobServiceClient Blobs, TableServiceClient Tables)
{
    private const string BlobHost = ".blob.";
    private const string TableHost = ".table.";

    /// <summary>Whether it is an emulator on this machine.</summary>
    public bool IsLocal => Blobs.Uri.IsLoopback;

    /// <summary>Reads a connection string, or the address of the account's blobs.</summary>
    /// <exception cref="ArgumentException">It is neither; the message does not repeat it, as it may hold a key.</exception>
    public static StorageAccount Parse(string? connection)
    {
        if (string.IsNullOrWhiteSpace(connection))
        {
            throw new ArgumentException("Phaseo:Connection is needed with storage 'azure': a connection string, or the address of the account's blobs.");
        }

        if (Uri.TryCreate(connection, UriKind.Absolute, out var blobs) && blobs.Scheme == Uri.UriSchemeHttps)
        {
            return blobs.Host.Contains(BlobHost, StringComparison.Ordinal)
                ? Of(blobs)
                : throw new ArgumentException("Phaseo:Connection names an address that is not that of an account's blobs (https://name.blob.core.windows.net).");
        }

        try
        {
            return new(new BlobServiceClient(connection, BlobOptions()), new TableServiceClient(connection, TableOptions()));
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException)
        {
            throw new ArgumentException("Phaseo:Connection is neither a connection string nor an https address.");
        }
    }

    private static StorageAccount Of(Uri blobs)
    {
        var tables = new UriBuilder(blobs) { Host = blobs.Host.Replace(BlobHost, TableHost, StringComparison.Ordinal) }.Uri;
        var credential = new DefaultAzureCredential();
        return new(new BlobServiceClient(blobs, credential, BlobOptions()), new TableServiceClient(tables, credential, TableOptions()));
    }

    private static BlobClientOptions BlobOptions()
    {
        var options = new BlobClientOptions();
        StorageFaults.Inject(options);
        return options;
    }

    private static TableClientOptions TableOptions()
    {
        var options = new TableClientOptions();
        StorageFaults.Inject(options);
        return options;
    }
}
