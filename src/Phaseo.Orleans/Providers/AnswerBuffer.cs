using System.Buffers;
using Microsoft.Extensions.ObjectPool;

namespace Phaseo.Orleans.Providers;

/// <summary>
/// Pooled memory for one answer. The object is pooled too, and its <see cref="Release"/> delegate with it, so that an
/// answer costs no allocation but itself.
/// </summary>
internal sealed class AnswerBuffer : IBufferWriter<byte>
{
    private const int FirstSize = 4 * 1024;

    private static readonly DefaultObjectPool<AnswerBuffer> Pool = new(new DefaultPooledObjectPolicy<AnswerBuffer>(), 1024);

    private byte[] _bytes = [];

    /// <summary>For the pool only: use <see cref="Rent"/>.</summary>
    public AnswerBuffer() => Release = Return;

    /// <summary>Gives the memory and this object back. Call it once, and touch neither afterwards.</summary>
    public Action Release { get; }

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    /// <summary>What was written. It may be changed in place.</summary>
    public Memory<byte> Written => _bytes.AsMemory(0, Length);

    /// <summary>An empty buffer.</summary>
    public static AnswerBuffer Rent() => Pool.Get();

    /// <inheritdoc/>
    public void Advance(int count) => Length += count;

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Grow(Math.Max(1, sizeHint));
        return _bytes.AsMemory(Length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>Forgets what was written.</summary>
    public void Clear() => Length = 0;

    private void Grow(int room)
    {
        if (_bytes.Length - Length >= room)
        {
            return;
        }

        var size = Math.Max(Math.Max(FirstSize, Length + room), _bytes.Length * 2L);
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(size, Array.MaxLength));
        Written.CopyTo(larger);
        ReturnBytes();
        _bytes = larger;
    }

    private void Return()
    {
        Length = 0;
        ReturnBytes();
        _bytes = [];
        Pool.Return(this);
    }

    private void ReturnBytes()
    {
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
        }
    }
}
