using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Phaseo.Orleans.LoadTests.Loops;

/// <summary>Hands out the lines of a file as slices of pooled chunks. Safe for many takers.</summary>
internal sealed class LineSource(string path) : IDisposable
{
    private const int ChunkBytes = 1 << 20;

    private readonly Lock _gate = new();
    private readonly SafeFileHandle _file = File.OpenHandle(path);
    private Chunk _chunk = new(ChunkBytes);
    private long _position;
    private int _start;
    private int _end;
    private bool _ended;

    /// <summary>The next line without its line feed; false: there is none left. Dispose the line when done.</summary>
    public bool TryTake(out Line line)
    {
        lock (_gate)
        {
            while (true)
            {
                var length = _chunk.Bytes.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
                if (length >= 0)
                {
                    line = _chunk.Take(_start, length);
                    _start += length + 1;
                    return true;
                }

                if (_ended)
                {
                    line = _start < _end ? _chunk.Take(_start, _end - _start) : default;
                    var found = _start < _end;
                    _start = _end;
                    return found;
                }

                Refill();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _chunk.Release();
        _file.Dispose();
    }

    private void Refill()
    {
        var rest = _end - _start;
        var next = new Chunk(Math.Max(ChunkBytes, 2 * rest));
        _chunk.Bytes.AsSpan(_start, rest).CopyTo(next.Bytes);
        _chunk.Release();
        _chunk = next;
        var read = RandomAccess.Read(_file, next.Bytes.AsSpan(rest), _position);
        _position += read;
        (_start, _end, _ended) = (0, rest + read, read == 0);
    }

    /// <summary>A line, valid until it is disposed.</summary>
    internal readonly record struct Line(Chunk Chunk, ReadOnlyMemory<byte> Bytes) : IDisposable
    {
        /// <inheritdoc/>
        public void Dispose() => Chunk.Release();
    }

    /// <summary>A pooled array that goes back when its source and all its lines have let go of it.</summary>
    internal sealed class Chunk(int bytes)
    {
        private int _holders = 1;

        public byte[] Bytes { get; } = ArrayPool<byte>.Shared.Rent(bytes);

        public Line Take(int start, int length)
        {
            Interlocked.Increment(ref _holders);
            return new Line(this, Bytes.AsMemory(start, length));
        }

        public void Release()
        {
            if (Interlocked.Decrement(ref _holders) == 0)
            {
                ArrayPool<byte>.Shared.Return(Bytes);
            }
        }
    }
}
