using System.Text.Json;
using System.Text.Unicode;
using Phaseo.Orleans.Billing;

namespace Phaseo.Orleans.Providers;

/// <summary>What a body turned out to be.</summary>
internal enum AnswerForm
{
    /// <summary>One whole JSON object.</summary>
    Whole = 1,

    /// <summary>The beginning of a JSON object.</summary>
    Truncated = 2,

    /// <summary>Anything else: nothing at all, HTML, server-sent events, malformed JSON, invalid UTF-8.</summary>
    Invalid = 3,
}

/// <summary>
/// Judges an upstream's body in one pass over its bytes, and makes one line of it. No document is built and nothing
/// is allocated.
/// </summary>
internal static class AnswerReader
{
    // A result line nests the body two levels deep, and common JSON readers stop at 64 by default.
    private const int MaxDepth = 62;

    /// <summary>Judges the body of a 2xx answer and finds what it says was used.</summary>
    /// <param name="bytes">The body as it came. Line breaks in it are overwritten with spaces.</param>
    /// <param name="endpoint">The contract's endpoint, which decides how usage is written.</param>
    /// <param name="line">The body without white space around it, if it is whole.</param>
    /// <param name="usage">The meters; null when the answer names none that can be believed.</param>
    public static AnswerForm Read(Memory<byte> bytes, string endpoint, out ReadOnlyMemory<byte> line, out Meters? usage)
    {
        line = default;
        usage = null;
        var body = Trim(bytes);
        var found = new UsageReader(endpoint);
        var form = Scan(body.Span, ref found);
        if (form == AnswerForm.Whole)
        {
            MakeOneLine(body.Span);
            line = body;
            usage = found.ToMeters();
        }

        return form;
    }

    /// <summary>The body of an error as one line, if it is one whole JSON object.</summary>
    public static bool TryReadError(Memory<byte> bytes, out ReadOnlyMemory<byte> line, out ErrorFields fields)
    {
        line = default;
        fields = default;
        var body = Trim(bytes);
        var none = default(UsageReader);
        if (Scan(body.Span, ref none) != AnswerForm.Whole)
        {
            return false;
        }

        MakeOneLine(body.Span);
        line = body;
        fields = ErrorFields.Read(body.Span);
        return true;
    }

    private static AnswerForm Scan(ReadOnlySpan<byte> body, ref UsageReader usage)
    {
        if (body.IsEmpty || body[0] != (byte)'{')
        {
            return AnswerForm.Invalid;
        }

        var reader = new Utf8JsonReader(
            body, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = MaxDepth }));
        try
        {
            while (reader.Read())
            {
                if (reader.CurrentDepth == 1 && reader.TokenType == JsonTokenType.PropertyName)
                {
                    usage.Read(ref reader);
                }
            }
        }
        catch (JsonException)
        {
            return AnswerForm.Invalid;
        }

        if (reader.CurrentDepth > 0 || reader.TokenType != JsonTokenType.EndObject)
        {
            return AnswerForm.Truncated;
        }

        return Utf8.IsValid(body) ? AnswerForm.Whole : AnswerForm.Invalid;
    }

    private static Memory<byte> Trim(Memory<byte> bytes)
    {
        // RFC 8259 lets a reader ignore a byte order mark; JSON's white space is these four.
        ReadOnlySpan<byte> mark = [0xEF, 0xBB, 0xBF];
        return (bytes.Span.StartsWith(mark) ? bytes[mark.Length..] : bytes).Trim(" \t\r\n"u8);
    }

    // Inside strings a raw CR or LF is not legal JSON, so in a valid body each one is white space.
    private static void MakeOneLine(Span<byte> body)
    {
        body.Replace((byte)'\n', (byte)' ');
        body.Replace((byte)'\r', (byte)' ');
    }
}
