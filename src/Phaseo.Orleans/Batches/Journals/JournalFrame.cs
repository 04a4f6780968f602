using System.Buffers.Binary;
using System.IO.Hashing;

namespace Phaseo.Orleans.Batches.Journals;

/// <summary>
/// One flush of a journal: a header of 48 bytes, then records. A frame is appended whole or not at all.
/// <code>
///  0  u32  magic "PJF1"        16  u64  epoch
///  4  u32  payload length      24  u64  sequence, from 1 for each activation
///  8  u64  checksum            32  16 bytes, the activation's random id
/// </code>
/// Little-endian. The checksum is XxHash3 (64 bit) over bytes 16 to the frame's end.
/// </summary>
public static class JournalFrame
{
    /// <summary>Bytes before the payload.</summary>
    public const int HeaderSize = 48;

    /// <summary>The most bytes one append may have (Azure append blobs take 4 MiB).</summary>
    public const int MaxSize = 4 * 1024 * 1024;

    private const uint Magic = 0x31464A50;
    private const int ChecksummedFrom = 16;

    /// <summary>Fills in the header of a frame whose payload is already in place, checksum included.</summary>
    /// <param name="frame">The whole frame; its first <see cref="HeaderSize"/> bytes are overwritten.</param>
    /// <param name="epoch">The writer's epoch.</param>
    /// <param name="sequence">The writer's count of frames.</param>
    /// <param name="activation">The writer's random id.</param>
    public static void Seal(Span<byte> frame, long epoch, long sequence, Guid activation)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(frame, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(frame[4..], frame.Length - HeaderSize);
        BinaryPrimitives.WriteInt64LittleEndian(frame[16..], epoch);
        BinaryPrimitives.WriteInt64LittleEndian(frame[24..], sequence);
        activation.TryWriteBytes(frame[32..]);
        BinaryPrimitives.WriteUInt64LittleEndian(frame[8..], XxHash3.HashToUInt64(frame[ChecksummedFrom..]));
    }

    /// <summary>Reads a header. False: too few bytes, or these are not the start of a frame.</summary>
    public static bool TryReadHeader(ReadOnlySpan<byte> bytes, out JournalFrameHeader header)
    {
        header = default;
        if (bytes.Length < HeaderSize || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic)
        {
            return false;
        }

        header = new(
            BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]),
            new Guid(bytes[32..HeaderSize]));
        return header.PayloadLength is >= 0 and <= MaxSize - HeaderSize;
    }

    /// <summary>Whether a whole frame's checksum is right.</summary>
    public static bool Verify(ReadOnlySpan<byte> frame) =>
        TryReadHeader(frame, out var header)
        && frame.Length == header.FrameLength
        && XxHash3.HashToUInt64(frame[ChecksummedFrom..]) == header.Checksum;
}

/// <summary>Who wrote a frame, and how long it is.</summary>
public readonly record struct JournalFrameHeader(int PayloadLength, ulong Checksum, long Epoch, long Sequence, Guid Activation)
{
    /// <summary>Header and payload.</summary>
    public int FrameLength => JournalFrame.HeaderSize + PayloadLength;
}
