using Azure.Storage.Blobs;
using Orleans.Configuration;

namespace Orleans.Storage;

/// <summary>Says in which container a grain's state is.</summary>
public interface IBlobContainerFactory
{
    /// <summary>Called once, when the provider starts.</summary>
    Task InitializeAsync(BlobServiceClient client);

    BlobContainerClient GetBlobContainerClient(GrainId grainId);
}

/// <summary>One container for all, which is created if it is not there.</summary>
internal sealed class DefaultBlobContainerFactory(AzureBlobStorageOptions options) : IBlobContainerFactory
{
    private BlobContainerClient? _container;

    public async Task InitializeAsync(BlobServiceClient client)
    {
        _container = client.GetBlobContainerClient(options.ContainerName);
        await _container.CreateIfNotExistsAsync();
    }

    public BlobContainerClient GetBlobContainerClient(GrainId grainId) =>
        _container ?? throw new InvalidOperationException("Grain storage on blobs has not started.");
}
