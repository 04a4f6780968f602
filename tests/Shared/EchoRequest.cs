using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Phaseo.Orleans.Testing;

/// <summary>What an <see cref="EchoUpstream"/> wants to know of a request. Valid until the reader advances.</summary>
internal readonly ref struct EchoRequest
{
    private static readonly ReadOnlyMemory<byte> HeadEnd = "\r\n\r\n"u8.ToArray();

    private EchoRequest(ReadOnlySpan<byte> head, ReadOnlySequence<byte> body)
    {
        Head = head;
        Body = body;
    }

    /// <summary>The request's path.</summary>
    public ReadOnlySpan<byte> Path
    {
        get
        {
            var start = Head.IndexOf((byte)' ') + 1;
            return Head.Slice(start, Head[start..].IndexOf((byte)' '));
        }
    }

    /// <summary>The body. The next request starts where it ends.</summary>
    public ReadOnlySequence<byte> Body { get; }

    private ReadOnlySpan<byte> Head { get; }

    /// <summary><c>Idempotency-Key</c>; empty when there is none.</summary>
    public string RowId => Encoding.ASCII.GetString(Find(Head, "idempotency-key"u8));

    /// <summary><c>x-phaseo-attempt</c>; 0 when there is none.</summary>
    public int Attempt => Utf8Parser.TryParse(Find(Head, "x-phaseo-attempt"u8), out int attempt, out _) ? attempt : 0;

    /// <summary>
    /// Cuts the first request off what has been read. False: it is not all there yet. Only what
    /// <see cref="HttpClient"/> sends is understood: HTTP/1.1, <c>Content-Length</c>.
    /// </summary>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public static bool TryRead(ReadOnlySequence<byte> buffer, out EchoRequest request)
    {
        request = default;
        var reader = new SequenceReader<byte>(buffer);
        if (!reader.TryReadTo(out ReadOnlySequence<byte> headBytes, HeadEnd.Span))
        {
            return false;
        }

        var head = headBytes.IsSingleSegment ? headBytes.FirstSpan : headBytes.ToArray();
        if (!Utf8Parser.TryParse(Find(head, "content-length"u8), out long length, out _))
        {
            throw new InvalidDataException("The request has no Content-Length.");
        }

        if (reader.Remaining < length)
        {
            return false;
        }

        request = new EchoRequest(head, reader.UnreadSequence.Slice(0, length));
        return true;
    }

    private static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> head, ReadOnlySpan<byte> name)
    {
        while (true)
        {
            var end = head.IndexOf("\r\n"u8);
            var line = end < 0 ? head : head[..end];
            if (line.Length > name.Length && line[name.Length] == ':' && Ascii.EqualsIgnoreCase(line[..name.Length], name))
            {
                return line[(name.Length + 1)..].Trim((byte)' ');
            }

            if (end < 0)
            {
                return [];
            }

            head = head[(end + 2)..];
        }
    }
}
