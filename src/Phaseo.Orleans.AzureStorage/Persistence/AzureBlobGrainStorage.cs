using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Serialization.Serializers;

namespace Orleans.Storage;

/// <summary>
/// Grain storage on Azure Blobs: one blob for each state, named <c>{state's name}-{grain id}.json</c> whatever the
/// serializer writes. A state cleared without <see cref="AzureBlobStorageOptions.DeleteStateOnClear"/> is an empty blob.
/// </summary>
public sealed partial class AzureBlobGrainStorage(
    string name,
    AzureBlobStorageOptions options,
    IBlobContainerFactory blobContainerFactory,
    IActivatorProvider activatorProvider,
    ILogger<AzureBlobGrainStorage> logger) : IGrainStorage, ILifecycleParticipant<ISiloLifecycle>
{
    private static readonly BlobHttpHeaders Headers = new() { ContentType = "application/octet-stream" };

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ReadStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public async Task ReadStateAsync<T>(
        string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var blob = BlobOf(stateName, grainId);
        try
        {
            using var download = (await blob.DownloadStreamingAsync(cancellationToken: cancellationToken)).Value;
            var etag = download.Details.ETag.ToString();
            if (download.Details.ContentLength == 0)
            {
                Reset(grainState, etag);
                return;
            }

            grainState.State = await DeserializeAsync<T>(download.Content, cancellationToken) ?? CreateState<T>();
            grainState.ETag = etag;
            grainState.RecordExists = true;
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            Reset(grainState, etag: null);
        }
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        WriteStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public async Task WriteStateAsync<T>(
        string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var content = await SerializeAsync(grainState.State, cancellationToken);
        grainState.ETag = await UploadAsync(stateName, grainId, content, grainState.ETag, cancellationToken);
        grainState.RecordExists = true;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ClearStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public async Task ClearStateAsync<T>(
        string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var etag = options.DeleteStateOnClear
            ? await DeleteAsync(stateName, grainId, grainState.ETag, cancellationToken)
            : await UploadAsync(stateName, grainId, BinaryData.Empty, grainState.ETag, cancellationToken);

        Reset(grainState, etag);
    }

    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe($"{nameof(AzureBlobGrainStorage)}-{name}", options.InitStage, InitAsync);

    private async Task InitAsync(CancellationToken cancellationToken)
    {
        var create = options.CreateClient
            ?? throw new InvalidOperationException($"No {nameof(BlobServiceClient)} is configured for grain storage '{name}'.");
        await blobContainerFactory.InitializeAsync(await create().WaitAsync(cancellationToken)).WaitAsync(cancellationToken);
        LogStarted(logger, name, options.ContainerName);
    }

    private BlobClient BlobOf(string stateName, GrainId grainId) =>
        blobContainerFactory.GetBlobContainerClient(grainId).GetBlobClient($"{stateName}-{grainId}.json");

    /// <summary>Stores a new blob if <paramref name="etag"/> is empty, else replaces the one that has it. Returns the new etag.</summary>
    private async Task<string> UploadAsync(
        string stateName, GrainId grainId, BinaryData content, string? etag, CancellationToken cancellationToken)
    {
        var blob = BlobOf(stateName, grainId);
        var upload = new BlobUploadOptions { HttpHeaders = Headers, Conditions = Conditions(etag) };
        try
        {
            return await UploadAsync();
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.ContainerNotFound)
        {
            await blobContainerFactory.GetBlobContainerClient(grainId).CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        }
        catch (RequestFailedException e) when (IsContention(e))
        {
            throw Inconsistent(stateName, grainId, etag, e);
        }

        try
        {
            return await UploadAsync();
        }
        catch (RequestFailedException e) when (IsContention(e))
        {
            throw Inconsistent(stateName, grainId, etag, e);
        }

        async Task<string> UploadAsync() => (await blob.UploadAsync(content, upload, cancellationToken)).Value.ETag.ToString();
    }

    /// <summary>Deletes the blob if it has <paramref name="etag"/>; if that is empty, there must be none. Returns no etag.</summary>
    private async Task<string?> DeleteAsync(string stateName, GrainId grainId, string? etag, CancellationToken cancellationToken)
    {
        var blob = BlobOf(stateName, grainId);
        if (string.IsNullOrEmpty(etag))
        {
            // Not left to a condition: the emulator deletes a blob on the condition that there is none.
            return await blob.ExistsAsync(cancellationToken) ? throw Inconsistent(stateName, grainId, etag, null) : null;
        }

        try
        {
            await blob.DeleteIfExistsAsync(DeleteSnapshotsOption.None, Conditions(etag), cancellationToken);
            return null;
        }
        catch (RequestFailedException e) when (IsContention(e))
        {
            throw Inconsistent(stateName, grainId, etag, e);
        }
    }

    private async ValueTask<BinaryData> SerializeAsync<T>(T? state, CancellationToken cancellationToken)
    {
        if (options.GrainStorageSerializer is not IGrainStorageStreamingSerializer streaming)
        {
            return options.GrainStorageSerializer.Serialize(state);
        }

        // A retry sends the content again, so it has to be at hand.
        using var buffer = new MemoryStream();
        await streaming.SerializeAsync(state, buffer, cancellationToken);
        return BinaryData.FromBytes(buffer.GetBuffer().AsMemory(0, (int)buffer.Length));
    }

    private async ValueTask<T?> DeserializeAsync<T>(Stream content, CancellationToken cancellationToken) =>
        options.GrainStorageSerializer is IGrainStorageStreamingSerializer streaming
            ? await streaming.DeserializeAsync<T>(content, cancellationToken)
            : options.GrainStorageSerializer.Deserialize<T>(await BinaryData.FromStreamAsync(content, cancellationToken));

    private static BlobRequestConditions Conditions(string? etag) =>
        string.IsNullOrEmpty(etag) ? new() { IfNoneMatch = ETag.All } : new() { IfMatch = new ETag(etag) };

    private static bool IsContention(RequestFailedException error) =>
        error.Status is 404 or 409 or 412
        && error.ErrorCode != BlobErrorCode.ContainerNotFound
        && error.ErrorCode != BlobErrorCode.ContainerBeingDeleted;

    private static InconsistentStateException Inconsistent(
        string stateName, GrainId grainId, string? etag, RequestFailedException? error) =>
        new($"The stored state '{stateName}' of grain {grainId} is not the one with etag {etag}.", "Unknown", etag ?? "", error);

    private void Reset<T>(IGrainState<T> grainState, string? etag)
    {
        grainState.State = CreateState<T>();
        grainState.ETag = etag;
        grainState.RecordExists = false;
    }

    private T CreateState<T>() => activatorProvider.GetActivator<T>().Create();

    [LoggerMessage(Level = LogLevel.Debug, Message = "Grain storage {Name} opened container {Container}")]
    private static partial void LogStarted(ILogger logger, string name, string container);
}
