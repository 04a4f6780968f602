using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Phaseo.Orleans.Batches.Journals;

namespace Phaseo.Orleans.Batches.Shards;

/// <summary>
/// The batch's <c>rows</c> file: for each row where its line is and how it ended, kept as long as the batch. A shard
/// is a header and its rows; numbers are little-endian.
/// <code>
/// header 32 bytes: u32 magic "PRT1", u32 rows, u32 first row, u32 bytes of rows, u64 output bytes, u64 error bytes
/// row: u32 line, u32 line bytes, u8 file, u16 status, u32 attempts, i64 cost nanos,
///      texts (u16 length, UTF-8): custom_id token, model, provider, error code
/// </code>
/// </summary>
internal static class RowTable
{
    public const int HeaderSize = 32;
    private const uint Magic = 0x31545250;

    /// <summary>Writes a shard's header.</summary>
    public static void WriteHeader(IBufferWriter<byte> output, in RowTableHeader header)
    {
        var bytes = output.GetSpan(HeaderSize);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], header.Rows);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], header.FirstRow);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[12..], header.Length);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], header.OutputLength);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], header.ErrorLength);
        output.Advance(HeaderSize);
    }

    /// <summary>Reads a shard's header.</summary>
    public static RowTableHeader ReadHeader(ReadOnlySpan<byte> bytes) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic
            ? throw new InvalidDataException("The row table does not continue with a shard.")
            : new(
                BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]),
                BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]),
                BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]),
                BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
                BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]));

    /// <summary>Writes one row.</summary>
    public static void WriteRow(IBufferWriter<byte> output, int line, int length, in RowResult result, ReadOnlySpan<byte> customId)
    {
        var bytes = output.GetSpan(23);
        BinaryPrimitives.WriteInt32LittleEndian(bytes, line);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], length);
        bytes[8] = (byte)result.File;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[9..], (ushort)result.StatusCode);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[11..], result.Attempts);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[15..], result.CostNanos);
        output.Advance(23);
        WriteText(output, customId);
        WriteText(output, result.Model);
        WriteText(output, result.Provider);
        WriteText(output, result.ErrorCode);
    }

    /// <summary>Reads one row and moves behind it.</summary>
    public static RowTableEntry ReadRow(ReadOnlySpan<byte> bytes, int row, ref int position)
    {
        var fixedPart = bytes[position..];
        position += 23;
        return new(
            row,
            BinaryPrimitives.ReadInt32LittleEndian(fixedPart),
            BinaryPrimitives.ReadInt32LittleEndian(fixedPart[4..]),
            (ResultFile)fixedPart[8],
            BinaryPrimitives.ReadUInt16LittleEndian(fixedPart[9..]),
            BinaryPrimitives.ReadInt32LittleEndian(fixedPart[11..]),
            BinaryPrimitives.ReadInt64LittleEndian(fixedPart[15..]),
            ReadText(bytes, ref position),
            ReadText(bytes, ref position),
            ReadText(bytes, ref position),
            ReadText(bytes, ref position));
    }

    private static void WriteText(IBufferWriter<byte> output, ReadOnlySpan<byte> utf8)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(output.GetSpan(2), checked((ushort)utf8.Length));
        output.Advance(2);
        output.Write(utf8);
    }

    private static void WriteText(IBufferWriter<byte> output, string text)
    {
        var bytes = output.GetSpan(2 + Encoding.UTF8.GetMaxByteCount(text.Length));
        var length = Encoding.UTF8.GetBytes(text, bytes[2..]);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, checked((ushort)length));
        output.Advance(2 + length);
    }

    private static string ReadText(ReadOnlySpan<byte> bytes, ref int position)
    {
        var length = BinaryPrimitives.ReadUInt16LittleEndian(bytes[position..]);
        var text = KnownTexts.Get(bytes.Slice(position + 2, length));
        position += 2 + length;
        return text;
    }
}

/// <summary>What a shard's part of the row table begins with.</summary>
internal readonly record struct RowTableHeader(int Rows, int FirstRow, int Length, long OutputLength, long ErrorLength);

/// <summary>One row of the table. <paramref name="CustomId"/> is the raw JSON token.</summary>
internal readonly record struct RowTableEntry(
    int Row,
    int Line,
    int Length,
    ResultFile File,
    int StatusCode,
    int Attempts,
    long CostNanos,
    string CustomId,
    string Model,
    string Provider,
    string ErrorCode);
