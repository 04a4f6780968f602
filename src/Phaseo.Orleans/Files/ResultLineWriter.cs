using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace Phaseo.Orleans.Files;

/// <summary>
/// Writes the lines of output and error files, line feed included (contract, "Lines"). What is valid JSON already is
/// copied as it is; what comes from elsewhere is escaped.
/// </summary>
internal static class ResultLineWriter
{
    /// <summary>Characters of an upstream's request id that are kept: it is a header, and as long as anyone likes.</summary>
    public const int MaxRequestIdLength = 256;

    private static readonly SearchValues<byte> LineEnds = SearchValues.Create("\r\n"u8);
    private static readonly SearchValues<char> Plain = SearchValues.Create(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_.:/+= ");

    /// <summary>
    /// A row with an answer:
    /// <c>{"id":…,"custom_id":…,"response":{"status_code":…,"request_id":…,"body":…},"error":null}</c>.
    /// </summary>
    /// <param name="output">Where to.</param>
    /// <param name="rowId">The row's id (<see cref="RowIds"/>).</param>
    /// <param name="customId">The <c>custom_id</c> token of the request line.</param>
    /// <param name="status">The HTTP status of the answer.</param>
    /// <param name="requestId">The upstream's id of the call; null: it gave none, and the row's id stands in.</param>
    /// <param name="body">The answer, valid JSON; empty becomes <c>null</c>. Raw line ends in it become spaces.</param>
    public static void WriteAnswer(
        IBufferWriter<byte> output, ReadOnlySpan<byte> rowId, ReadOnlySpan<byte> customId, int status, string? requestId, ReadOnlySpan<byte> body)
    {
        WriteHead(output, rowId, customId);
        output.Write("{\"status_code\":"u8);
        var digits = output.GetSpan(11);
        Utf8Formatter.TryFormat(status, digits, out var written);
        output.Advance(written);
        output.Write(",\"request_id\":\""u8);
        if (requestId is null)
        {
            output.Write(rowId);
        }
        else
        {
            WriteEscaped(output, requestId.AsSpan(0, Math.Min(requestId.Length, MaxRequestIdLength)));
        }

        output.Write("\",\"body\":"u8);
        WriteOnOneLine(output, body.IsEmpty ? "null"u8 : body);
        output.Write("},\"error\":null}\n"u8);
    }

    /// <summary>
    /// A row without an answer: <c>{"id":…,"custom_id":…,"response":null,"error":{"code":…,"message":…}}</c>.
    /// </summary>
    /// <param name="output">Where to.</param>
    /// <param name="rowId">The row's id (<see cref="RowIds"/>).</param>
    /// <param name="customId">The <c>custom_id</c> token of the request line.</param>
    /// <param name="code">The contract's code, <c>batch_expired</c> and so on.</param>
    /// <param name="message">What happened, in words of ours.</param>
    public static void WriteFault(
        IBufferWriter<byte> output, ReadOnlySpan<byte> rowId, ReadOnlySpan<byte> customId, string code, string message)
    {
        WriteHead(output, rowId, customId);
        output.Write("null,\"error\":{\"code\":\""u8);
        WriteEscaped(output, code);
        output.Write("\",\"message\":\""u8);
        WriteEscaped(output, message);
        output.Write("\"}}\n"u8);
    }

    private static void WriteHead(IBufferWriter<byte> output, ReadOnlySpan<byte> rowId, ReadOnlySpan<byte> customId)
    {
        output.Write("{\"id\":\""u8);
        output.Write(rowId);
        output.Write("\",\"custom_id\":"u8);
        output.Write(customId);
        output.Write(",\"response\":"u8);
    }

    private static void WriteEscaped(IBufferWriter<byte> output, ReadOnlySpan<char> text)
    {
        if (text.ContainsAnyExcept(Plain))
        {
            text = JavaScriptEncoder.Default.Encode(new string(text));
        }

        var bytes = output.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length));
        Utf8.FromUtf16(text, bytes, out _, out var written);
        output.Advance(written);
    }

    // In valid JSON a raw line end is white space between tokens; in a line of JSONL it would end the row.
    private static void WriteOnOneLine(IBufferWriter<byte> output, ReadOnlySpan<byte> json)
    {
        for (var end = json.IndexOfAny(LineEnds); end >= 0; end = json.IndexOfAny(LineEnds))
        {
            output.Write(json[..end]);
            output.Write(" "u8);
            json = json[(end + 1)..];
        }

        output.Write(json);
    }
}
