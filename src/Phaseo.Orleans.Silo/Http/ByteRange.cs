using Microsoft.Net.Http.Headers;

namespace Phaseo.Orleans.Silo.Http;

/// <summary>The part of a file that a request asks for (RFC 9110, section 14).</summary>
/// <param name="Offset">First byte, from 0.</param>
/// <param name="Length">How many bytes.</param>
internal readonly record struct ByteRange(long Offset, long Length)
{
    /// <summary>
    /// One range of bytes, cut to the file. Null and satisfiable: no range is asked for, or one that may be ignored
    /// (several ranges, another unit, an <c>If-Range</c> of another file), so the answer is the whole file.
    /// </summary>
    public static (ByteRange? Range, bool IsSatisfiable) Of(HttpRequest request, long fileLength, string etag)
    {
        if (request.Headers.Range.Count == 0
            || !RangeHeaderValue.TryParse(request.Headers.Range.ToString(), out var header)
            || !header.Unit.Equals("bytes", StringComparison.OrdinalIgnoreCase)
            || header.Ranges.Count != 1
            || !IsCurrent(request, etag))
        {
            return (null, true);
        }

        var asked = header.Ranges.First();
        var offset = asked.From ?? Math.Max(0, fileLength - asked.To!.Value);
        var end = asked.From is null || asked.To is null ? fileLength - 1 : Math.Min(asked.To.Value, fileLength - 1);
        return offset > end ? (null, false) : (new ByteRange(offset, end - offset + 1), true);
    }

    private static bool IsCurrent(HttpRequest request, string etag) =>
        request.Headers.IfRange.Count == 0 || request.Headers.IfRange == etag;
}
