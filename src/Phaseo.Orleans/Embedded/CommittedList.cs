using System.Globalization;
using System.Text;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Embedded;

/// <summary>
/// The record beside a blob of which parts it was made, so that a repeated commit is told from a different one.
/// UTF-8, a line for each part: its id, a space, its length, and maybe a space and more.
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

    /// <summary>Whether the record at <paramref name="path"/> is of this list. A blob made in one piece has none.</summary>
    public static bool Matches(string path, IReadOnlyList<BlobBlock> blocks)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        var lines = File.ReadAllLines(path, Encoding.UTF8);
        return lines.Length == blocks.Count && lines.Zip(blocks).All(pair => IsOf(pair.First, pair.Second));
    }

    private static bool IsOf(string line, BlobBlock block) =>
        line.Split(' ') is [var id, var length, ..]
        && id == block.Id
        && long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes)
        && bytes == block.Length;
}
