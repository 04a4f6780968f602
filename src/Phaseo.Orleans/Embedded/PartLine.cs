using System.Buffers;
using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Phaseo.Orleans.Embedded;

/// <summary>
/// What is kept of a part beside its bytes: a line of its id, its length and the XXH3 of its bytes in hexadecimal,
/// parted by spaces and ended by a line feed.
/// </summary>
/// <param name="Id">The part.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Hash">XXH3 over them, 64 bits.</param>
/// <param name="LineBytes">The line's own bytes.</param>
internal readonly record struct PartLine(string Id, long Length, ulong Hash, int LineBytes)
{
    private const int CheckBytes = 256 * 1024;

    /// <summary>The line of one part.</summary>
    public static byte[] Encode(string id, long length, ulong hash) =>
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id} {length} {hash:x16}\n"));

    /// <summary>The lines of a file up to the first that is not whole.</summary>
    public static IEnumerable<PartLine> ReadAll(string path)
    {
        var text = Encoding.ASCII.GetString(File.ReadAllBytes(path));
        for (int start = 0, end; (end = text.IndexOf('\n', start)) >= 0; start = end + 1)
        {
            if (text[start..end].Split(' ') is not [var id, var length, var hash]
                || !long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes)
                || !ulong.TryParse(hash, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var sum))
            {
                yield break;
            }

            yield return new(id, bytes, sum, end + 1 - start);
        }
    }

    /// <summary>Whether a file holds the part's bytes at this offset.</summary>
    public static bool IsWhole(SafeFileHandle file, long offset, PartLine line)
    {
        var hash = new XxHash3();
        var buffer = ArrayPool<byte>.Shared.Rent(CheckBytes);
        var left = line.Length;
        while (left > 0 && RandomAccess.Read(file, buffer.AsSpan(0, (int)Math.Min(left, CheckBytes)), offset) is var read and > 0)
        {
            hash.Append(buffer.AsSpan(0, read));
            (offset, left) = (offset + read, left - read);
        }

        ArrayPool<byte>.Shared.Return(buffer);
        return left == 0 && hash.GetCurrentHashAsUInt64() == line.Hash;
    }
}
