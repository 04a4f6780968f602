using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using CommunityToolkit.HighPerformance.Buffers;
using Phaseo.Orleans.Billing;

namespace Phaseo.Orleans.Batches.Journals;

/// <summary>
/// Builds one flush: records one behind the other, room for the header in front. Reused for the next flush.
/// A record is a kind (u8), the length of what follows (u32) and its fields, little-endian; texts are a length
/// (u16) and UTF-8.
/// </summary>
internal sealed class JournalWriter : IDisposable
{
    private const int RecordHeader = 5;
    private readonly ArrayPoolBufferWriter<byte> _buffer = new(64 * 1024);
    private bool _isRecordOpen;

    public JournalWriter() => Clear();

    /// <summary>Bytes of the frame so far, header included.</summary>
    public int Length => _buffer.WrittenCount;

    /// <summary>Result records in it.</summary>
    public int Results { get; private set; }

    /// <summary>Whether there is nothing to append.</summary>
    public bool IsEmpty => Length == JournalFrame.HeaderSize;

    /// <summary>Starts over.</summary>
    public void Clear()
    {
        _buffer.Clear();
        _buffer.Advance(Prepare(JournalFrame.HeaderSize));
        Results = 0;
        _isRecordOpen = false;
    }

    /// <summary>Completes the frame. The bytes are valid until <see cref="Clear"/>.</summary>
    /// <exception cref="InvalidOperationException">
    /// A record broke off half-way, or the frame is larger than one may be: nobody could read the journal any more.
    /// </exception>
    public ReadOnlyMemory<byte> Seal(long epoch, long sequence, Guid activation)
    {
        if (_isRecordOpen)
        {
            throw new InvalidOperationException("A record of this flush was not completed.");
        }

        if (Length > JournalFrame.MaxSize)
        {
            throw new InvalidOperationException($"A flush of {Length} bytes is larger than the {JournalFrame.MaxSize} of an append.");
        }

        var frame = MemoryMarshal.AsMemory(_buffer.WrittenMemory);
        JournalFrame.Seal(frame.Span, epoch, sequence, activation);
        return frame;
    }

    /// <summary>Adds a fence.</summary>
    public void Fence() => End(Begin(JournalRecordKind.Fence));

    /// <summary>Adds a pause.</summary>
    public void Pause() => End(Begin(JournalRecordKind.Pause));

    /// <summary>Adds a seal.</summary>
    public void Seal(ShardOutcome outcome)
    {
        var start = Begin(JournalRecordKind.Seal);
        Byte((byte)outcome);
        End(start);
    }

    /// <summary>Says that a call for this row is about to start.</summary>
    public void Trying(int row)
    {
        var start = Begin(JournalRecordKind.Trying);
        Int32(row);
        End(start);
    }

    /// <summary>Adds a row's outcome. The line ends with a line feed.</summary>
    public void Result(in RowResult result, ReadOnlySpan<byte> line, bool external)
    {
        var start = Begin(JournalRecordKind.Result);
        Fields(result);
        Line(line, external);
        End(start);
        Results++;
    }

    /// <summary>Adds a row's wait. An empty line means that no provider has answered yet.</summary>
    public void Attempt(in RowAttempt attempt, ReadOnlySpan<byte> line, bool external)
    {
        var start = Begin(JournalRecordKind.Attempt);
        Int32(attempt.Row);
        Int32(attempt.Attempts);
        Int32(attempt.Rounds);
        Int64(attempt.NextAt.ToUnixTimeMilliseconds());
        Fields(attempt.Fallback);
        Line(line, external);
        End(start);
    }

    /// <summary>Gives the memory back. Only when nobody can still be writing the frame to storage.</summary>
    public void Dispose() => _buffer.Dispose();

    private void Fields(in RowResult result)
    {
        Int32(result.Row);
        Byte((byte)result.File);
        Int32(result.StatusCode);
        Int32(result.Attempts);
        Int64(result.CostNanos);
        Byte(result.Unpriced ? (byte)1 : (byte)0);
        Text(result.Provider);
        Text(result.Model);
        Text(result.ErrorCode);
        Usage(result.Usage);
    }

    // Only meters that moved are stored, by number, so that a new meter needs no new format.
    private void Usage(in Meters usage)
    {
        var count = _buffer.WrittenCount;
        Byte(0);
        byte stored = 0;
        for (var meter = Meter.InputTokens; meter <= Meter.Requests; meter++)
        {
            if (usage[meter] != 0)
            {
                Byte((byte)meter);
                Int64(usage[meter]);
                stored++;
            }
        }

        Written()[count] = stored;
    }

    private void Line(ReadOnlySpan<byte> line, bool external)
    {
        Byte(external ? (byte)1 : (byte)0);
        Int32(line.Length);
        _buffer.Write(line);
    }

    private int Begin(JournalRecordKind kind)
    {
        var start = _buffer.WrittenCount;
        _isRecordOpen = true;
        Byte((byte)kind);
        Int32(0);
        return start;
    }

    private void End(int start)
    {
        BinaryPrimitives.WriteInt32LittleEndian(Written()[(start + 1)..], _buffer.WrittenCount - start - RecordHeader);
        _isRecordOpen = false;
    }

    private Span<byte> Written() =>
        MemoryMarshal.AsMemory(_buffer.WrittenMemory).Span;

    private void Byte(byte value)
    {
        _buffer.GetSpan(1)[0] = value;
        _buffer.Advance(1);
    }

    private void Int32(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.GetSpan(4), value);
        _buffer.Advance(4);
    }

    private void Int64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_buffer.GetSpan(8), value);
        _buffer.Advance(8);
    }

    private void Text(string value)
    {
        var span = _buffer.GetSpan(2 + Encoding.UTF8.GetMaxByteCount(value.Length));
        var length = Encoding.UTF8.GetBytes(value, span[2..]);
        BinaryPrimitives.WriteUInt16LittleEndian(span, checked((ushort)length));
        _buffer.Advance(2 + length);
    }

    private int Prepare(int bytes)
    {
        _buffer.GetSpan(bytes)[..bytes].Clear();
        return bytes;
    }
}
