using Azure;
using Azure.Core;
using Azure.Storage;
using Azure.Storage.Blobs;
using Orleans.Storage;

namespace Orleans.Configuration;

/// <summary>Options of grain storage on Azure Blobs.</summary>
public class AzureBlobStorageOptions : IStorageProviderSerializerOptions
{
#pragma warning disable CA1707 // The names that Orleans' own package has.
    public const string DEFAULT_CONTAINER_NAME = "grainstate";

    public const int DEFAULT_INIT_STAGE = ServiceLifecycleStage.ApplicationServices;
#pragma warning restore CA1707

    private const string SetTheClient = $"Set the {nameof(BlobServiceClient)} property.";

    /// <summary>
    /// The container. Services that share one must not have grains and states of the same name: the blob's name does not
    /// have the service. Default: grainstate.
    /// </summary>
    public string ContainerName { get; set; } = DEFAULT_CONTAINER_NAME;

    /// <summary>The client. Retries and time-outs are its own. Required, unless one of the methods below is used.</summary>
    public BlobServiceClient? BlobServiceClient
    {
        get;
        set
        {
            field = value;
            CreateClient = value is null ? null : () => Task.FromResult(value);
        }
    }

    /// <summary>Options of a client that one of the methods below makes. Set them before calling it.</summary>
    public BlobClientOptions? ClientOptions { get; set; }

    /// <summary>Stage of the silo's life at which the container is opened. Default: application services.</summary>
    public int InitStage { get; set; } = DEFAULT_INIT_STAGE;

    /// <summary>
    /// What makes bytes of a state. Default: the keyed service with the provider's name, or else the unkeyed one.
    /// </summary>
    public IGrainStorageSerializer GrainStorageSerializer { get; set; } = null!;

    /// <summary>Whether clearing a state deletes its blob. If not, an empty blob with an etag remains. Default: true.</summary>
    public bool DeleteStateOnClear { get; set; } = true;

    /// <summary>Makes what chooses containers. Default: <see cref="ContainerName"/> for all grains.</summary>
    public Func<IServiceProvider, AzureBlobStorageOptions, IBlobContainerFactory> BuildContainerFactory { get; set; } =
        static (_, options) => new DefaultBlobContainerFactory(options);

    /// <summary>Gives the client when the provider starts; null if none is configured.</summary>
    internal Func<Task<BlobServiceClient>>? CreateClient { get; private set; }

    /// <summary>Uses a connection string.</summary>
    [Obsolete(SetTheClient)]
    public void ConfigureBlobServiceClient(string connectionString)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        BlobServiceClient = new BlobServiceClient(connectionString, ClientOptions);
    }

    /// <summary>Uses a URI that carries a shared access signature.</summary>
    [Obsolete(SetTheClient)]
    public void ConfigureBlobServiceClient(Uri serviceUri) =>
        BlobServiceClient = new BlobServiceClient(serviceUri, ClientOptions);

    /// <summary>Uses a client that is made when the provider starts.</summary>
    [Obsolete(SetTheClient)]
    public void ConfigureBlobServiceClient(Func<Task<BlobServiceClient>> createClientCallback)
    {
        ArgumentNullException.ThrowIfNull(createClientCallback);
        CreateClient = createClientCallback;
    }

    /// <summary>Uses a URI and an identity.</summary>
    [Obsolete(SetTheClient)]
    public void ConfigureBlobServiceClient(Uri serviceUri, TokenCredential tokenCredential) =>
        BlobServiceClient = new BlobServiceClient(serviceUri, tokenCredential, ClientOptions);

    /// <summary>Uses a URI and a shared access signature.</summary>
    [Obsolete(SetTheClient)]
    public void ConfigureBlobServiceClient(Uri serviceUri, AzureSasCredential azureSasCredential) =>
        BlobServiceClient = new BlobServiceClient(serviceUri, azureSasCredential, ClientOptions);

    /// <summary>Uses a URI and an account's key.</summary>
    [Obsolete(SetTheClient)]
    public void ConfigureBlobServiceClient(Uri serviceUri, StorageSharedKeyCredential sharedKeyCredential) =>
        BlobServiceClient = new BlobServiceClient(serviceUri, sharedKeyCredential, ClientOptions);
}
