using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Phaseo.Orleans.Files;

/// <summary>
/// The ids of rows, <c>batch_req_</c> and 32 hexadecimal digits: a hash of the batch's id and the row's number, so
/// that whoever writes a row again, after a crash or on another silo, gives it the same id.
/// </summary>
internal static class RowIds
{
    /// <summary>Bytes of an id; they are ASCII.</summary>
    public const int Length = 42;

    private const int MaxBatchIdLength = 64;

    private static ReadOnlySpan<byte> Prefix => "batch_req_"u8;

    /// <summary>Writes the id of a row to the first <see cref="Length"/> bytes of <paramref name="destination"/>.</summary>
    /// <param name="destination">Where to.</param>
    /// <param name="batchId">The batch's id in UTF-8, 64 bytes at most.</param>
    /// <param name="row">The row's number, from 0 over the batch.</param>
    public static void Write(Span<byte> destination, ReadOnlySpan<byte> batchId, int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(batchId.Length, MaxBatchIdLength);

        Span<byte> source = stackalloc byte[MaxBatchIdLength + sizeof(int)];
        batchId.CopyTo(source);
        BinaryPrimitives.WriteInt32BigEndian(source[batchId.Length..], row);
        Span<byte> hash = stackalloc byte[16];
        XxHash128.Hash(source[..(batchId.Length + sizeof(int))], hash);
        Prefix.CopyTo(destination);
        Convert.TryToHexStringLower(hash, destination[Prefix.Length..], out _);
    }

    /// <summary>The id of a row.</summary>
    public static string Of(string batchId, int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(batchId.Length, MaxBatchIdLength);

        Span<byte> id = stackalloc byte[Length];
        Span<byte> batch = stackalloc byte[MaxBatchIdLength * 3];
        Write(id, batch[..Encoding.UTF8.GetBytes(batchId, batch)], row);
        return Encoding.ASCII.GetString(id);
    }
}
