using Azure;
using Azure.Data.Tables;
using Azure.Identity;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Storage;
using Phaseo.Orleans.AzureStorage.Tables;

namespace Phaseo.Orleans.AzureStorage.Configuration;

/// <summary>
/// Reads a provider's section of the configuration. Its account is, in this order: <c>ServiceKey</c>, the key of a client
/// among the services; <c>ConnectionName</c>, a name among the connection strings; <c>ConnectionString</c>. The two latter
/// are a connection string, a URI with a shared access signature, or a plain URI for the identity of the process.
/// </summary>
internal static class ProviderSection
{
    /// <summary>Sets the table, by <c>TableName</c>, and its account.</summary>
    public static void ApplyTo(this IConfigurationSection section, TableStorageOptions options, IServiceProvider services)
    {
        if (section["TableName"] is { Length: > 0 } table)
        {
            options.TableName = table;
        }

        if (section["ServiceKey"] is { Length: > 0 } key)
        {
            options.TableServiceClient = services.GetRequiredKeyedService<TableServiceClient>(key);
        }
        else if (Connection(section, services) is { } connection)
        {
            options.TableServiceClient = TableClients.Create(connection);
        }
    }

    /// <summary>Sets the container, by <c>ContainerName</c>, and its account.</summary>
    public static void ApplyTo(this IConfigurationSection section, AzureBlobStorageOptions options, IServiceProvider services)
    {
        if (section["ContainerName"] is { Length: > 0 } container)
        {
            options.ContainerName = container;
        }

        if (section["ServiceKey"] is { Length: > 0 } key)
        {
            options.BlobServiceClient = services.GetRequiredKeyedService<BlobServiceClient>(key);
        }
        else if (Connection(section, services) is { } connection)
        {
            options.BlobServiceClient = CreateBlobs(connection);
        }
    }

    /// <summary>Sets the serializer, by <c>SerializerKey</c>, the key of one among the services.</summary>
    public static void ApplyTo(this IConfigurationSection section, IStorageProviderSerializerOptions options, IServiceProvider services)
    {
        if (section["SerializerKey"] is { Length: > 0 } key)
        {
            options.GrainStorageSerializer = services.GetRequiredKeyedService<IGrainStorageSerializer>(key);
        }
    }

    private static string? Connection(IConfigurationSection section, IServiceProvider services)
    {
        if (section["ConnectionName"] is { Length: > 0 } name)
        {
            return services.GetRequiredService<IConfiguration>().GetConnectionString(name);
        }

        return section["ConnectionString"] is { Length: > 0 } connection ? connection : null;
    }

    private static BlobServiceClient CreateBlobs(string connection)
    {
        if (!Uri.TryCreate(connection, UriKind.Absolute, out var uri))
        {
            return new BlobServiceClient(connection);
        }

        return uri.Query.Length > 0
            ? new BlobServiceClient(new UriBuilder(uri) { Query = null }.Uri, new AzureSasCredential(uri.Query))
            : new BlobServiceClient(uri, new DefaultAzureCredential());
    }
}
