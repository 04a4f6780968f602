using System.Globalization;
using System.Text;

namespace Phaseo.Orleans.Files;

/// <summary>The faults of an input file: the contract's codes, and messages that name the bound and no content.</summary>
internal static class LineFaults
{
    /// <summary>Bytes of a <c>custom_id</c> at most.</summary>
    public const int MaxCustomIdBytes = 512;

    /// <summary>Bytes of a model's token at most: no catalog has a longer name, and messages repeat it.</summary>
    public const int MaxModelToken = 512;

    private const int MaxShownName = 64;

    public static LineFault EmptyFile() => new("empty_file", "The file has no rows.", null, null);

    public static LineFault TooManyTasks(int max) => new("too_many_tasks", Text($"The file has more than {max:N0} rows."), null, null);

    public static LineFault LineTooLong(int line, int max) => new("line_too_long", Text($"A line may have at most {max:N0} bytes."), null, line);

    public static LineFault InvalidUtf8(int line) => new("invalid_utf8", "This line is not valid UTF-8.", null, line);

    public static LineFault NotJson(int line, long? position) =>
        InvalidJson(line, position is null ? "This line is not valid JSON." : Text($"This line is not valid JSON: see byte {position + 1:N0}."));

    public static LineFault NotAnObject(int line) => InvalidJson(line, "A line must be a JSON object.");

    public static LineFault TooDeep(int line, int max) => InvalidJson(line, Text($"This line is nested deeper than {max} levels."));

    public static LineFault LoneSurrogate(int line) => InvalidJson(line, "This line escapes one half of a surrogate pair without the other.");

    public static LineFault DuplicateKey(int line, ReadOnlySpan<byte> name) =>
        InvalidJson(line, $"An object in this line has the key '{Shown(name)}' twice.");

    public static LineFault UnknownParameter(int line, ReadOnlySpan<byte> name)
    {
        var shown = Shown(name);
        return new("unknown_parameter", $"A line has no field '{shown}'; its fields are custom_id, method, url and body.", shown, line);
    }

    public static LineFault Missing(int line, string param) =>
        new("missing_required_parameter", $"The field {param} is required.", param, line);

    public static LineFault InvalidCustomId(int line) =>
        InvalidJson(line, Text($"The field custom_id must be a string of 1 to {MaxCustomIdBytes} bytes."), "custom_id");

    public static LineFault DuplicateCustomId(int line, int earlier) =>
        new("duplicate_custom_id", Text($"The custom_id of line {line} is also that of line {earlier}."), "custom_id", line);

    public static LineFault InvalidMethod(int line) => new("invalid_method", "The field method must be POST.", "method", line);

    public static LineFault UrlMismatch(int line, string endpoint) =>
        new("url_mismatch", $"The field url must be the batch's endpoint, {endpoint}.", "url", line);

    public static LineFault BodyNotAnObject(int line) => InvalidJson(line, "The field body must be an object.", "body");

    public static LineFault InvalidModel(int line) =>
        InvalidJson(line, "The field body.model must be a string that is not empty.", "body.model");

    public static LineFault StreamingNotSupported(int line) =>
        new("streaming_not_supported", "A row's answer cannot be streamed: leave out body.stream.", "body.stream", line);

    public static LineFault ModelTooLong(int line) =>
        new("model_not_found", Text($"No model has a name of more than {MaxModelToken} bytes."), "body.model", line);

    private static LineFault InvalidJson(int line, string what, string? param = null) => new("invalid_json_line", what, param, line);

    /// <summary>A name that a client wrote, made harmless: short, and of characters that names are made of.</summary>
    private static string Shown(ReadOnlySpan<byte> name)
    {
        var text = Encoding.UTF8.GetString(name[..Math.Min(name.Length, MaxShownName)]).ToCharArray();
        foreach (ref var c in text.AsSpan())
        {
            c = char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' ? c : '?';
        }

        return new string(text);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
