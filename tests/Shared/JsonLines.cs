namespace Phaseo.Orleans.Testing;

/// <summary>Reads a file line by line as bytes, of any length, holding one line at a time.</summary>
internal static class JsonLines
{
    /// <summary>
    /// The lines without their line feed (and a carriage return before it). A line is valid until the next is asked for.
    /// <paramref name="unfinished"/> is called when the file does not end with a line feed.
    /// </summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Read(string path, Action? unfinished = null)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);
        var buffer = new byte[1 << 16];
        var (start, end) = (0, 0);
        while (true)
        {
            var line = buffer.AsSpan(start, end - start).IndexOf((byte)'\n');
            if (line >= 0)
            {
                yield return Trim(buffer.AsMemory(start, line));
                start += line + 1;
                continue;
            }

            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
            if (end == buffer.Length)
            {
                Array.Resize(ref buffer, 2 * end);
            }

            var read = file.Read(buffer, end, buffer.Length - end);
            if (read == 0)
            {
                break;
            }

            end += read;
        }

        if (end > 0)
        {
            unfinished?.Invoke();
            yield return Trim(buffer.AsMemory(0, end));
        }
    }

    private static ReadOnlyMemory<byte> Trim(ReadOnlyMemory<byte> line) =>
        line.Length > 0 && line.Span[^1] == '\r' ? line[..^1] : line;
}
