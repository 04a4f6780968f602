using System.Globalization;
using System.Text;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Embedded;

/// <summary>
/// The record beside a blob of which parts it was made, so that a repeated commit is told from a different one.
/// UTF-8, a line for each part: its id, a space, its length.
/// </summary>
internal static class CommittedList
{
    /// <summary>The record of a list.</summary>
    public static byte[] Encode(IReadOnlyList<BlobBlock> blocks)
    {
        var text = new StringBuilder();
        foreach (var block in blocks)
        {
            text.Append(CultureInfo.InvariantCulture, $"{block.Id} {block.Length}\n");
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>Whether the record at <paramref name="path"/> is this one. A blob made in one piece has none.</summary>
    public static bool Matches(string path, ReadOnlySpan<byte> record) =>
        File.Exists(path) && record.SequenceEqual(File.ReadAllBytes(path));
}
