using System.Runtime.CompilerServices;
using System.Text;
using Azure;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Phaseo.Orleans.Storage;
using BlobBlock = Phaseo.Orleans.Storage.BlobBlock;

namespace Phaseo.Orleans.AzureStores.Blobs;

/// <summary>Files as block blobs of one container, under the names that they have in the product.</summary>
internal sealed class AzureBlobStore(AzureHome home) : IBlobStore
{
    private static readonly BlobRequestConditions Absent = new() { IfNoneMatch = ETag.All };

    /// <inheritdoc/>
    public Task<IBlobUpload> BeginUploadAsync(string name, CancellationToken cancellation) =>
        Task.FromResult<IBlobUpload>(new AzureUpload(Blob(name)));

    /// <inheritdoc/>
    public async Task<bool> PutAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        if (await TryPutAsync(name, content, cancellation).ConfigureAwait(false))
        {
            return true;
        }

        if (await GetLengthAsync(name, cancellation).ConfigureAwait(false) is not null)
        {
            return false;
        }

        // The emulator takes a blob that has staged parts only for one that is there.
        await DropPartsAsync(name, cancellation).ConfigureAwait(false);
        return await TryPutAsync(name, content, cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task StageAsync(string name, string blockId, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        BlobNames.CheckPart(blockId);
        return AzureCalls.RunAsync("stage", async () =>
        {
            await using var bytes = BytesStreams.Of(content);
            return await Blob(name).StageBlockAsync(Encode(blockId), bytes, cancellationToken: cancellation).ConfigureAwait(false);
        });
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<string, long>> ListStagedAsync(string name, CancellationToken cancellation)
    {
        var blocks = await ListBlocksAsync(name, BlockListTypes.Uncommitted, cancellation).ConfigureAwait(false);
        return blocks?.UncommittedBlocks.ToDictionary(block => Decode(block.Name), block => block.SizeLong) ?? [];
    }

    /// <inheritdoc/>
    public async Task<CommitResult> CommitAsync(string name, IReadOnlyList<BlobBlock> blocks, CancellationToken cancellation)
    {
        var staged = await ListStagedAsync(name, cancellation).ConfigureAwait(false);
        if (blocks.All(block => staged.TryGetValue(block.Id, out var length) && length == block.Length)
            && await TryCommitAsync(name, blocks, Absent, cancellation).ConfigureAwait(false) is not null)
        {
            return CommitResult.Committed;
        }

        return await CompareAsync(name, blocks, cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<Stream?> OpenReadAsync(string name, long offset, long? length, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length ?? 0, nameof(length));
        return RangeReads.OpenAsync(Blob(name), offset, length, cancellation);
    }

    /// <inheritdoc/>
    public Task<long?> GetLengthAsync(string name, CancellationToken cancellation) =>
        RangeReads.GetLengthAsync(Blob(name), cancellation);

    /// <inheritdoc/>
    public async Task DeleteAsync(string name, CancellationToken cancellation)
    {
        var blob = Blob(name);
        if (!await AzureCalls.RunAsync(
            "delete", async () => await blob.DeleteIfExistsAsync(cancellationToken: cancellation).ConfigureAwait(false)).ConfigureAwait(false))
        {
            await DropPartsAsync(name, cancellation).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var options = new GetBlobsOptions { Prefix = prefix };
        await using var pages = home.Files.GetBlobsAsync(options, cancellation).AsPages().GetAsyncEnumerator(cancellation);
        while (await AzureCalls.RunAsync("list", () => pages.MoveNextAsync().AsTask()).ConfigureAwait(false))
        {
            foreach (var blob in pages.Current.Values)
            {
                yield return blob.Name;
            }
        }
    }

    /// <summary>Whether the refusal says that the blob is there already.</summary>
    internal static bool IsThere(RequestFailedException e) => e.Status is 409 or 412;

    private BlockBlobClient Blob(string name) => home.Files.GetBlockBlobClient(BlobNames.Checked(name));

    private static string Encode(string blockId) => Convert.ToBase64String(Encoding.ASCII.GetBytes(blockId));

    private static string Decode(string name) => Encoding.ASCII.GetString(Convert.FromBase64String(name));

    private Task<bool> TryPutAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellation) =>
        AzureCalls.RunAsync("put", async () =>
        {
            try
            {
                await using var bytes = BytesStreams.Of(content);
                await Blob(name).UploadAsync(bytes, new BlobUploadOptions { Conditions = Absent }, cancellation).ConfigureAwait(false);
                return true;
            }
            catch (RequestFailedException e) when (IsThere(e))
            {
                return false;
            }
        });

    // Parts of a blob that is not there can only be dropped by making it.
    private async Task DropPartsAsync(string name, CancellationToken cancellation)
    {
        if ((await ListStagedAsync(name, cancellation).ConfigureAwait(false)).Count > 0
            && await TryCommitAsync(name, [], Absent, cancellation).ConfigureAwait(false) is { } made)
        {
            await AzureCalls.RunAsync("delete", () => Blob(name).DeleteAsync(
                conditions: new BlobRequestConditions { IfMatch = made }, cancellationToken: cancellation)).ConfigureAwait(false);
        }
    }

    private Task<ETag?> TryCommitAsync(
        string name, IReadOnlyList<BlobBlock> blocks, BlobRequestConditions conditions, CancellationToken cancellation) =>
        AzureCalls.RunAsync<ETag?>("commit", async () =>
        {
            try
            {
                var commit = new CommitBlockListOptions { Conditions = conditions };
                var made = await Blob(name)
                    .CommitBlockListAsync(blocks.Select(block => Encode(block.Id)), commit, cancellation).ConfigureAwait(false);
                return made.Value.ETag;
            }
            catch (RequestFailedException e) when (IsThere(e) || e.ErrorCode == BlobErrorCode.InvalidBlockList)
            {
                return null;
            }
        });

    private async Task<CommitResult> CompareAsync(string name, IReadOnlyList<BlobBlock> blocks, CancellationToken cancellation)
    {
        var found = await ListBlocksAsync(name, BlockListTypes.All, cancellation).ConfigureAwait(false);
        if (found is null || await GetLengthAsync(name, cancellation).ConfigureAwait(false) is not { } length)
        {
            return CommitResult.MissingBlocks;
        }

        var committed = found.CommittedBlocks.Select(block => new BlobBlock(Decode(block.Name), block.SizeLong));
        if (!committed.SequenceEqual(blocks) || length != blocks.Sum(block => block.Length))
        {
            return CommitResult.Conflict;
        }

        if (found.UncommittedBlocks.Any())
        {
            // Parts that came too late: the same list once more drops them, and changes no byte.
            var etag = (await AzureCalls.RunAsync("get", () => Blob(name).GetPropertiesAsync(cancellationToken: cancellation)).ConfigureAwait(false)).Value.ETag;
            await TryCommitAsync(name, blocks, new BlobRequestConditions { IfMatch = etag }, cancellation).ConfigureAwait(false);
        }

        return CommitResult.AlreadyCommitted;
    }

    private Task<BlockList?> ListBlocksAsync(string name, BlockListTypes types, CancellationToken cancellation) =>
        AzureCalls.RunAsync<BlockList?>("list parts", async () =>
        {
            try
            {
                return await Blob(name).GetBlockListAsync(types, cancellationToken: cancellation).ConfigureAwait(false);
            }
            catch (RequestFailedException e) when (e.Status == 404)
            {
                return null;
            }
        });
}
