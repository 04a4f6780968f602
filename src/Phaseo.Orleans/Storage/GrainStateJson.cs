using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Phaseo.Orleans.Billing;

namespace Phaseo.Orleans.Storage;

/// <summary>How grain state is written in every home: snake_case names, enums by name, null left out, meters by number; no CLR type names.</summary>
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
        options.Converters.Add(new MetersConverter());
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
/// Writes text so that no character takes more than four bytes: as UTF-8, escaping only what JSON demands, and what
/// JSON would escape with six bytes (most control characters) as <see cref="Shift"/> and a letter. A client's metadata
/// may be 9,216 characters of any kind; the platform's encoders write up to twelve bytes for one, and the row would
/// overflow.
/// </summary>
internal sealed class PlainTextConverter : JsonConverter<string>
{
    /// <summary>Stands before a letter for a control character, as on a terminal, and before itself for itself. One byte; JSON takes it as it is.</summary>
    private const char Shift = '\u007f';

    private const char FirstLetter = '@';

    private static readonly SearchValues<char> Escaped = SearchValues.Create(
        [.. Enumerable.Range(0, ' ').Select(code => (char)code), '"', '\\', Shift]);

    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.GetString();
        return text?.Contains(Shift) == true ? Unshift(text) : text;
    }

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

    private static void Escape(StringBuilder json, char c) => _ = c switch
    {
        '"' or '\\' => json.Append('\\').Append(c),
        '\n' => json.Append("\\n"),
        '\r' => json.Append("\\r"),
        '\t' => json.Append("\\t"),
        Shift => json.Append(Shift).Append(Shift),
        _ when c + FirstLetter == '\\' => json.Append(Shift).Append("\\\\"),
        _ => json.Append(Shift).Append((char)(c + FirstLetter)),
    };

    private static string Unshift(string stored)
    {
        var text = new StringBuilder(stored.Length);
        for (var i = 0; i < stored.Length; i++)
        {
            var next = stored[i] == Shift && i + 1 < stored.Length ? stored[i + 1] - FirstLetter : ' ';
            if (next is >= 0 and < ' ')
            {
                text.Append((char)next);
                i++;
                continue;
            }

            text.Append(stored[i]);
            i += next == Shift - FirstLetter ? 1 : 0;
        }

        return text.ToString();
    }
}
