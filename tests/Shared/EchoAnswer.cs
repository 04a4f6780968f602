using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Phaseo.Orleans.Testing;

/// <summary>
/// An HTTP answer rendered once, with holes of a fixed width that each call fills: <c>echo</c> is the hash of the
/// request's body, <c>call</c> the call's serial (both strings), and the token counts, four digits each, depend on the
/// hash, so that a row's usage differs from its neighbours'.
/// </summary>
internal sealed class EchoAnswer
{
    private const string EchoHole = "EEEEEEEEEEEEEEEE";
    private const string CallHole = "CCCCCCCCCC";
    private const string InputHole = "1111";
    private const string OutputHole = "2222";
    private const string TotalHole = "3333";

    private static readonly CompositeFormat Frame = CompositeFormat.Parse(
        "HTTP/1.1 {0}\r\n{3}Content-Type: application/json\r\nContent-Length: {1}\r\nx-request-id: req_" + CallHole + "\r\n\r\n{2}");

    public static readonly EchoAnswer Chat = new("200 OK", """
        {"id":"chatcmpl-echo","object":"chat.completion","created":1700000000,"model":"echo","choices":[{"index":0,"message":
        {"role":"assistant","content":"Echo."},"finish_reason":"stop"}],"usage":{"prompt_tokens":1111,"completion_tokens":2222,
        "total_tokens":3333},"echo":"EEEEEEEEEEEEEEEE","call":"CCCCCCCCCC"}
        """);

    public static readonly EchoAnswer Embedding = new("200 OK", """
        {"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.0123,-0.0456,0.0789,-0.0012]}],"model":"echo",
        "usage":{"prompt_tokens":1111,"total_tokens":1111},"echo":"EEEEEEEEEEEEEEEE","call":"CCCCCCCCCC"}
        """);

    public static readonly EchoAnswer Refused = Failure("400 Bad Request", "invalid_request_error");
    public static readonly EchoAnswer NotFound = Failure("404 Not Found", "invalid_request_error");
    public static readonly EchoAnswer Throttled = Failure("429 Too Many Requests", "rate_limit_error");
    public static readonly EchoAnswer ThrottledFor = Failure("429 Too Many Requests", "rate_limit_error", "Retry-After: 1\r\n");
    public static readonly EchoAnswer Error = Failure("500 Internal Server Error", "server_error");
    public static readonly EchoAnswer Overloaded = Failure("503 Service Unavailable", "server_error");

    private readonly byte[] _bytes;
    private readonly int[] _call;
    private readonly int _echo;
    private readonly int[] _input;
    private readonly int _output;
    private readonly int _total;

    private EchoAnswer(string status, string body, string header = "")
    {
        var flat = body.ReplaceLineEndings("");
        var text = string.Format(CultureInfo.InvariantCulture, Frame, status, flat.Length, flat, header);
        _bytes = Encoding.ASCII.GetBytes(text);
        _call = Holes(text, CallHole);
        _echo = text.IndexOf(EchoHole, StringComparison.Ordinal);
        _input = Holes(text, InputHole);
        _output = text.IndexOf(OutputHole, StringComparison.Ordinal);
        _total = text.IndexOf(TotalHole, StringComparison.Ordinal);
    }

    /// <summary>Writes the answer, or only so much of it that its body ends early.</summary>
    public void WriteTo(IBufferWriter<byte> output, ulong echo, long serial, bool truncated)
    {
        var span = output.GetSpan(_bytes.Length);
        _bytes.CopyTo(span);
        Utf8Formatter.TryFormat(echo, span[_echo..], out _, new StandardFormat('x', 16));
        foreach (var hole in _call)
        {
            Utf8Formatter.TryFormat(serial, span[hole..], out _, new StandardFormat('D', (byte)CallHole.Length));
        }

        var inputTokens = 1000 + (int)(echo % 4000);
        var outputTokens = 1000 + (int)((echo >> 32) % 4000);
        foreach (var hole in _input)
        {
            Utf8Formatter.TryFormat(inputTokens, span[hole..], out _);
        }

        if (_output >= 0)
        {
            Utf8Formatter.TryFormat(outputTokens, span[_output..], out _);
            Utf8Formatter.TryFormat(inputTokens + outputTokens, span[_total..], out _);
        }

        output.Advance(truncated ? _bytes.Length - 40 : _bytes.Length);
    }

    private static EchoAnswer Failure(string status, string type, string header = "") => new(status, $$"""
        {"error":{"message":"Scripted.","type":"{{type}}","param":null,"code":null},"echo":"{{EchoHole}}","call":"{{CallHole}}"}
        """, header);

    private static int[] Holes(string text, string hole)
    {
        var found = new List<int>();
        for (var at = text.IndexOf(hole, StringComparison.Ordinal); at >= 0; at = text.IndexOf(hole, at + 1, StringComparison.Ordinal))
        {
            found.Add(at);
        }

        return [.. found];
    }
}
