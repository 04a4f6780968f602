namespace Phaseo.Orleans.Files;

/// <summary>
/// What a line of an input file is. Lines end at a line feed, the last one also at the end of the file. A carriage
/// return before the line feed and a byte order mark at the start of the file are not part of the line. A line of
/// nothing but spaces, tabs and carriage returns is blank: it has a number and no row.
/// </summary>
internal static class Lines
{
    /// <summary>What ends a line.</summary>
    public const byte LineFeed = (byte)'\n';

    private const byte CarriageReturn = (byte)'\r';

    /// <summary>UTF-8's byte order mark.</summary>
    public static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>The content of what stands between two line feeds.</summary>
    /// <param name="raw">The bytes between, without the line feed.</param>
    /// <param name="isFileStart">Whether <paramref name="raw"/> starts at the file's first byte.</param>
    public static LineSlice ContentOf(ReadOnlySpan<byte> raw, bool isFileStart)
    {
        var start = isFileStart && raw.StartsWith(ByteOrderMark) ? ByteOrderMark.Length : 0;
        var end = raw.Length > start && raw[^1] == CarriageReturn ? raw.Length - 1 : raw.Length;
        return new LineSlice(start, end - start);
    }

    /// <summary>Whether a line's content holds no row.</summary>
    public static bool IsBlank(ReadOnlySpan<byte> content) => content.IndexOfAnyExcept((byte)' ', (byte)'\t', CarriageReturn) < 0;
}
