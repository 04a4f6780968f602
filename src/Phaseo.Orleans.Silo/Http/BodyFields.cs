using System.Text.Json;

namespace Phaseo.Orleans.Silo.Http;

/// <summary>
/// One object of a checked body (<see cref="JsonBody"/>), read field by field. null means not set. The first fault of the
/// whole body is kept; after it every answer is a stand-in, and the caller looks once, at the end.
/// </summary>
internal sealed class BodyFields(JsonElement element, string path, BodyFault fault)
{
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    /// <summary>Keeps a fault of one field.</summary>
    public void Fail(string name, string message, string code = "invalid_value") =>
        fault.Keep(Refusal.Invalid(FieldPath.Of(path, name), message, code));

    /// <summary>Any value that is set.</summary>
    public JsonElement? Value(string name)
    {
        _asked.Add(name);
        return element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    /// <summary>A string.</summary>
    public string? Text(string name, bool required = false)
    {
        if (Value(name) is not { } value)
        {
            if (required)
            {
                fault.Keep(Refusal.Missing(FieldPath.Of(path, name)));
            }

            return null;
        }

        return value.ValueKind == JsonValueKind.String ? value.GetString() : WrongType<string>(name, "a string");
    }

    /// <summary>true or false.</summary>
    public bool? Flag(string name) => Value(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => WrongType<bool?>(name, "a boolean"),
    };

    /// <summary>A whole number within bounds.</summary>
    public long? Number(string name, long min, long max, bool required = false)
    {
        if (Value(name) is not { } value)
        {
            if (required)
            {
                fault.Keep(Refusal.Missing(FieldPath.Of(path, name)));
            }

            return null;
        }

        if (value.ValueKind != JsonValueKind.Number)
        {
            return WrongType<long?>(name, "an integer");
        }

        if (!value.TryGetInt64(out var number) || number < min || number > max)
        {
            fault.Keep(Refusal.OutOfRange(FieldPath.Of(path, name), min, max));
            return null;
        }

        return number;
    }

    /// <summary>One of a few words.</summary>
    public string? Word(string name, bool required, params ReadOnlySpan<string> words)
    {
        var text = Text(name, required);
        if (text is not null && !words.Contains(text))
        {
            Fail(name, $"Invalid value for '{FieldPath.Of(path, name)}'. Supported values are: {Quoted(words)}.");
        }

        return text;
    }

    /// <summary>An object.</summary>
    public BodyFields? Object(string name) => Value(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } value => new(value, FieldPath.Of(path, name), fault),
        _ => WrongType<BodyFields>(name, "an object"),
    };

    /// <summary>Faults the first field that nobody asked for.</summary>
    public void RefuseOthers()
    {
        foreach (var field in element.EnumerateObject())
        {
            if (!_asked.Contains(field.Name))
            {
                fault.Keep(Refusal.Unknown(FieldPath.Of(path, field.Name)));
                return;
            }
        }
    }

    /// <summary>Words as a message lists them.</summary>
    public static string Quoted(ReadOnlySpan<string> words) => "'" + string.Join("', '", words!) + "'";

    private T? WrongType<T>(string name, string expected)
    {
        Fail(name, $"Invalid type for '{FieldPath.Of(path, name)}': expected {expected}.", "invalid_type");
        return default;
    }
}

/// <summary>The first fault of a body.</summary>
internal sealed class BodyFault
{
    /// <summary>Null: none so far.</summary>
    public Refusal? First { get; private set; }

    /// <summary>Keeps a fault unless there is one.</summary>
    public void Keep(Refusal refusal) => First ??= refusal;
}
