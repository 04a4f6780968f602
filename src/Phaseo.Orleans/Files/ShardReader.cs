using System.Diagnostics.CodeAnalysis;

namespace Phaseo.Orleans.Files;

/// <summary>One row of a shard.</summary>
/// <param name="Row">Its number, from 0 over the batch.</param>
/// <param name="Line">Its line, from 1 over the file.</param>
/// <param name="Bytes">The line without its end: a part of the shard's memory, not a copy.</param>
internal readonly record struct ShardRow(int Row, int Line, ReadOnlyMemory<byte> Bytes);

/// <summary>Splits a shard of a validated file into its rows.</summary>
internal static class ShardReader
{
    /// <summary>The rows, in input order: row <c>slice.FirstRow + i</c> is at index <c>i</c>.</summary>
    /// <param name="shard">The bytes that <paramref name="slice"/> tells of.</param>
    /// <param name="slice">Where they are in the file, and what is in them.</param>
    /// <exception cref="InvalidDataException">These are not the bytes that were validated.</exception>
    public static ShardRow[] Read(ReadOnlyMemory<byte> shard, ShardSlice slice)
    {
        if (shard.Length != slice.Length)
        {
            ThrowChanged(slice, $"{shard.Length} bytes instead of {slice.Length}");
        }

        var rows = new ShardRow[slice.Rows];
        var found = 0;
        var line = slice.FirstLine;
        for (var position = 0; position < shard.Length; line++)
        {
            var rest = shard.Span[position..];
            var feed = rest.IndexOf(Lines.LineFeed);
            var raw = feed < 0 ? rest : rest[..feed];
            var content = Lines.ContentOf(raw, isFileStart: slice.Offset + position == 0);
            if (!Lines.IsBlank(content.Of(raw)))
            {
                if (found == rows.Length)
                {
                    ThrowChanged(slice, $"more than {slice.Rows} rows");
                }

                rows[found] = new ShardRow(slice.FirstRow + found, line, shard.Slice(position + content.Offset, content.Length));
                found++;
            }

            position += feed < 0 ? raw.Length : raw.Length + 1;
        }

        if (found != rows.Length)
        {
            ThrowChanged(slice, $"{found} rows instead of {slice.Rows}");
        }

        return rows;
    }

    [DoesNotReturn]
    private static void ThrowChanged(ShardSlice slice, string what) =>
        throw new InvalidDataException($"The shard at byte {slice.Offset} of the input has {what}.");
}
