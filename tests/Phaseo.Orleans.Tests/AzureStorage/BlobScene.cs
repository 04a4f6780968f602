using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Configuration;
using Orleans.Serialization;
using Orleans.Serialization.Serializers;
using Orleans.Storage;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.AzureStorage;

/// <summary>Grain storage in a container of its own, and a grain whose state it keeps.</summary>
internal sealed class BlobScene
{
    public static readonly GrainId Grain = GrainId.Create("ping", "k21665");

    public const string State = "s";

    private static readonly IActivatorProvider Activators =
        new ServiceCollection().AddSerializer().BuildServiceProvider().GetRequiredService<IActivatorProvider>();

    private BlobScene(AzureBlobGrainStorage storage, BlobContainerClient container) => (Storage, Container) = (storage, container);

    public AzureBlobGrainStorage Storage { get; }

    public BlobContainerClient Container { get; }

    public BlobClient Blob => Container.GetBlobClient("s-ping/k21665.json");

    public static async Task<BlobScene> CreateAsync(
        AzureAccount account, bool deletes = true, EndlessCalls? calls = null, IGrainStorageSerializer? serializer = null)
    {
        var options = new AzureBlobStorageOptions
        {
            ContainerName = AzureAccount.NewName("c"),
            BlobServiceClient = account.Blobs(calls),
            GrainStorageSerializer = serializer ?? new TextStates(),
            DeleteStateOnClear = deletes,
        };
        var containers = options.BuildContainerFactory(new ServiceCollection().BuildServiceProvider(), options);
        var storage = new AzureBlobGrainStorage("test", options, containers, Activators, NullLogger<AzureBlobGrainStorage>.Instance);
        await StateScene.StartAsync(storage);
        return new BlobScene(storage, account.Blobs().GetBlobContainerClient(options.ContainerName));
    }

    public async Task<GrainState<TextState>> WriteAsync(string text, string? etag = null)
    {
        var state = new GrainState<TextState>(new TextState { Text = text }, etag);
        await Storage.WriteStateAsync(State, Grain, state);
        return state;
    }

    public async Task<GrainState<TextState>> ReadAsync()
    {
        var state = new GrainState<TextState>(new TextState { Text = "not read" }, "no etag") { RecordExists = true };
        await Storage.ReadStateAsync(State, Grain, state);
        return state;
    }

    /// <summary>Each blob as a line: name, type, metadata, content.</summary>
    public async Task<string> DumpAsync()
    {
        var lines = new List<string>();
        await foreach (var blob in Container.GetBlobsAsync(new GetBlobsOptions { Traits = BlobTraits.Metadata }))
        {
            var content = (await Container.GetBlobClient(blob.Name).DownloadContentAsync()).Value.Content;
            lines.Add($"{blob.Name} {blob.Properties.ContentType} metadata={blob.Metadata.Count} {content}".TrimEnd());
        }

        return string.Join('\n', lines) + "\n";
    }
}
