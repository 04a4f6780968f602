using System.Text;

namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>Golden files of binary shapes: lines of 32 bytes in hex.</summary>
internal static class StoredHex
{
    private const int BytesInLine = 32;

    /// <summary>The bytes are written as the golden has them.</summary>
    public static void Check(string name, ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        for (var at = 0; at < bytes.Length; at += BytesInLine)
        {
            text.Append(Convert.ToHexStringLower(bytes[at..Math.Min(at + BytesInLine, bytes.Length)])).Append('\n');
        }

        StoredGolden.Check(name + ".hex", text.ToString());
    }

    /// <summary>All forms that storage may hold.</summary>
    public static IEnumerable<byte[]> ReadAll(string name) =>
        StoredGolden.ReadAll(name + ".hex").Select(text => Convert.FromHexString(text.ReplaceLineEndings("")));
}
