using System.Globalization;
using System.Text;
using Azure;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using CommunityToolkit.HighPerformance.Buffers;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.AzureStores.Blobs;

/// <summary>An upload of unknown length: blocks of 4 MiB under ids of its own, committed once, create-only.</summary>
internal sealed class AzureUpload(BlockBlobClient blob) : IBlobUpload
{
    // 50,000 blocks are 200 GiB, far above any file that a client may send.
    private const int BlockSize = 4 * 1024 * 1024;

    private readonly string _id = Guid.NewGuid().ToString("N");
    private readonly List<string> _blocks = [];
    private readonly ArrayPoolBufferWriter<byte> _buffer = new(256 * 1024);
    private bool _isBeingSent;

    /// <inheritdoc/>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        while (!bytes.IsEmpty)
        {
            var some = bytes[..Math.Min(bytes.Length, BlockSize - _buffer.WrittenCount)];
            some.Span.CopyTo(_buffer.GetSpan(some.Length));
            _buffer.Advance(some.Length);
            bytes = bytes[some.Length..];
            if (_buffer.WrittenCount == BlockSize)
            {
                await StageAsync(cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <inheritdoc/>
    public async Task<bool> CommitAsync(CancellationToken cancellation)
    {
        if (_buffer.WrittenCount > 0)
        {
            await StageAsync(cancellation).ConfigureAwait(false);
        }

        return await AzureCalls.RunAsync("commit", async () =>
        {
            try
            {
                var commit = new CommitBlockListOptions { Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All } };
                await blob.CommitBlockListAsync(_blocks, commit, cancellation).ConfigureAwait(false);
                return true;
            }
            catch (RequestFailedException e) when (AzureBlobStore.IsThere(e))
            {
                // Also after an answer that was lost, by the client's own second try.
                var there = await blob.GetBlockListAsync(BlockListTypes.Committed, cancellationToken: cancellation).ConfigureAwait(false);
                return _blocks.Count > 0 && there.Value.CommittedBlocks.Select(block => block.Name).SequenceEqual(_blocks);
            }
        }).ConfigureAwait(false);
    }

    /// <summary>Blocks that were not committed vanish by themselves, after a week.</summary>
    public ValueTask DisposeAsync()
    {
        // After a failure the client may still be at work on the memory.
        if (!_isBeingSent)
        {
            _buffer.Dispose();
        }

        return default;
    }

    private async Task StageAsync(CancellationToken cancellation)
    {
        var id = Convert.ToBase64String(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{_id}-{_blocks.Count:D6}")));
        _isBeingSent = true;
        await AzureCalls.RunAsync("upload", async () =>
        {
            await using var bytes = BytesStreams.Of(_buffer.WrittenMemory);
            return await blob.StageBlockAsync(id, bytes, cancellationToken: cancellation).ConfigureAwait(false);
        }).ConfigureAwait(false);
        _isBeingSent = false;
        _blocks.Add(id);
        _buffer.Clear();
    }
}
