using System.Buffers;
using Phaseo.Orleans.Files;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Batches.Shards;

/// <summary>A shard's part of the input file, in pooled memory, split into rows.</summary>
internal sealed class ShardInput : IDisposable
{
    private readonly ShardRow[] _rows;
    private readonly RequestLine[] _parts;
    private byte[]? _bytes;

    private ShardInput(byte[] bytes, ShardRow[] rows)
    {
        _bytes = bytes;
        _rows = rows;
        _parts = new RequestLine[rows.Length];
    }

    /// <summary>The rows, in input order.</summary>
    /// <exception cref="ObjectDisposedException">Their memory is another shard's by now.</exception>
    public ShardRow[] Rows
    {
        get
        {
            ObjectDisposedException.ThrowIf(_bytes is null, this);
            return _rows;
        }
    }

    /// <summary>Where a row's parts are; found at the first asking.</summary>
    public RequestLine PartsOf(in ShardRow row)
    {
        ref var parts = ref _parts[row.Row - _rows[0].Row];
        if (parts.Body.IsEmpty)
        {
            parts = RequestLineReader.Read(row.Bytes.Span);
        }

        return parts;
    }

    /// <summary>Reads the part.</summary>
    /// <exception cref="InvalidDataException">The input is gone or is not what was validated.</exception>
    public static async Task<ShardInput> LoadAsync(IBlobStore blobs, string blob, ShardSlice slice, CancellationToken cancellation)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(slice.Length);
        var stream = await blobs.OpenReadAsync(blob, slice.Offset, slice.Length, cancellation)
            ?? throw new InvalidDataException($"The input {blob} is gone.");
        await using (stream)
        {
            await stream.ReadExactlyAsync(bytes.AsMemory(0, slice.Length), cancellation);
        }

        return new(bytes, ShardReader.Read(bytes.AsMemory(0, slice.Length), slice));
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _bytes, null) is { } bytes)
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}
