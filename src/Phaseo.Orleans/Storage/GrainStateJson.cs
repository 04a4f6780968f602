using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Phaseo.Orleans.Storage;

/// <summary>How grain state is written in every home: snake_case names, enums by name, null left out; no CLR type names.</summary>
public static class GrainStateJson
{
    /// <summary>The form, to measure with.</summary>
    internal static readonly JsonSerializerOptions Options = Make();

    /// <summary>Sets the form.</summary>
    public static void Apply(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.IncludeFields = false;
        options.Converters.Add(new JsonStringEnumConverter());
        options.Converters.Add(new PlainTextConverter());
    }

    private static JsonSerializerOptions Make()
    {
        var options = new JsonSerializerOptions();
        Apply(options);
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}

/// <summary>
/// Writes text as UTF-8 and escapes only what JSON demands. Every encoder of the platform writes a character beyond
/// the first 65,536 as two escapes, 12 bytes instead of 4: a client's metadata would triple and the row overflow.
/// </summary>
internal sealed class PlainTextConverter : JsonConverter<string>
{
    private static readonly SearchValues<char> Escaped = SearchValues.Create(
        [.. Enumerable.Range(0, ' ').Select(code => (char)code), '"', '\\']);

    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString();

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options)
    {
        var json = new StringBuilder(value.Length + 2).Append('"');
        var rest = value.AsSpan();
        for (var next = rest.IndexOfAny(Escaped); next >= 0; next = rest.IndexOfAny(Escaped))
        {
            json.Append(rest[..next]);
            Escape(json, rest[next]);
            rest = rest[(next + 1)..];
        }

        // Half a surrogate pair cannot be UTF-8: it becomes U+FFFD, as with the platform's encoders.
        writer.WriteRawValue(Encoding.UTF8.GetBytes(json.Append(rest).Append('"').ToString()), skipInputValidation: true);
    }

    private static void Escape(StringBuilder json, char c)
    {
        if (c is '"' or '\\')
        {
            json.Append('\\').Append(c);
            return;
        }

        json.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
    }
}
