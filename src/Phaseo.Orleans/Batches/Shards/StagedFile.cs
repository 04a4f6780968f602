using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.IO.Hashing;
using CommunityToolkit.HighPerformance.Buffers;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Batches.Shards;

/// <summary>
/// Gathers one shard's part of one file and stages it in blocks. A block's id is shard, part and a hash of the
/// content, so staging again, by anybody, gives the same blocks.
/// </summary>
internal sealed class StagedFile(IBlobStore blobs, string name, int shard) : IDisposable
{
    private const int BlockSize = 4 * 1024 * 1024;
    private readonly ArrayPoolBufferWriter<byte> _buffer = new(64 * 1024);
    private readonly ImmutableArray<BlobBlock>.Builder _blocks = ImmutableArray.CreateBuilder<BlobBlock>();

    /// <summary>Bytes added so far.</summary>
    public long Length { get; private set; }

    /// <summary>Adds a line.</summary>
    public async ValueTask AddAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        Length += bytes.Length;
        if (_buffer.WrittenCount + bytes.Length > BlockSize)
        {
            await StageAsync(_buffer.WrittenMemory, cancellation);
            _buffer.Clear();
        }

        if (bytes.Length >= BlockSize)
        {
            await StageAsync(bytes, cancellation);
            return;
        }

        _buffer.Write(bytes.Span);
    }

    /// <summary>Stages the rest, and gives the list of blocks.</summary>
    public async Task<ImmutableArray<BlobBlock>> FinishAsync(CancellationToken cancellation)
    {
        await StageAsync(_buffer.WrittenMemory, cancellation);
        return _blocks.ToImmutable();
    }

    /// <summary>Gives the memory back. Only when no staging was cancelled.</summary>
    public void Dispose() => _buffer.Dispose();

    private async ValueTask StageAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        var hash = Convert.ToHexStringLower(XxHash128.Hash(bytes.Span));
        var id = string.Create(CultureInfo.InvariantCulture, $"{shard:D6}-{_blocks.Count:D4}-{hash}");
        await blobs.StageAsync(name, id, bytes, cancellation);
        _blocks.Add(new(id, bytes.Length));
        FailPoint.Reach("K10");
    }
}
