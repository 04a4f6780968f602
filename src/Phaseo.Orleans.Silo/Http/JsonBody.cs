using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Phaseo.Orleans.Silo.Http;

/// <summary>
/// A request body as a JSON object of which no reader further on has to fear anything: valid UTF-8 without lone
/// surrogates, nested 64 deep at most, no name twice in one object. System.Text.Json lets a second name win
/// silently, and throws on a lone surrogate only when the string is read.
/// </summary>
internal static class JsonBody
{
    private const int MaxDepth = 64;

    private static ReadOnlySpan<byte> Bom => [0xEF, 0xBB, 0xBF];

    /// <summary>Checks and parses.</summary>
    public static (JsonElement Root, Refusal? Refusal) Parse(ReadOnlyMemory<byte> body)
    {
        if (body.Span.StartsWith(Bom))
        {
            body = body[Bom.Length..];
        }

        if (!Utf8.IsValid(body.Span))
        {
            return (default, Unreadable("it is not valid UTF-8"));
        }

        try
        {
            if (FindFault(body.Span) is { } fault)
            {
                return (default, fault);
            }

            using var document = JsonDocument.Parse(body, new() { MaxDepth = MaxDepth });
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? (document.RootElement.Clone(), null)
                : (default, Unreadable("it must be an object"));
        }
        catch (JsonException e)
        {
            // The exception's own message may quote the body.
            return (default, Unreadable($"line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}"));
        }
    }

    private static Refusal Unreadable(string why) =>
        new(400, $"We could not parse the JSON body of your request: {why}.", null, "invalid_json");

    private static Refusal? FindFault(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MaxDepth });
        var open = new Stack<Scope>();
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    open.Push(new(Path(open), reader.TokenType == JsonTokenType.StartObject));
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    open.Pop();
                    break;
                case JsonTokenType.PropertyName:
                    var scope = open.Peek();
                    if (Text(ref reader) is not { } name)
                    {
                        return BadText(scope.Path);
                    }

                    scope.Name = name;
                    if (!scope.Names!.Add(name))
                    {
                        return Refusal.Duplicate(Path(open));
                    }

                    break;
                case JsonTokenType.String when reader.ValueIsEscaped && Text(ref reader) is null:
                    return BadText(Path(open));
            }
        }

        return null;
    }

    private static Refusal BadText(string path) =>
        new(400, "A string holds half of a surrogate pair.", path.Length == 0 ? null : path, "invalid_string");

    private static string? Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException) // Cannot read incomplete UTF-16 JSON text as string with missing low surrogate.
        {
            return null;
        }
    }

    // Items of an array share the array's path: good enough to find the place.
    private static string Path(Stack<Scope> open)
    {
        if (!open.TryPeek(out var scope) || !scope.IsObject)
        {
            return scope?.Path ?? "";
        }

        return FieldPath.Of(scope.Path, scope.Name);
    }

    private sealed class Scope(string path, bool isObject)
    {
        public string Path => path;

        public bool IsObject => isObject;

        public HashSet<string>? Names { get; } = isObject ? new(StringComparer.Ordinal) : null;

        public string Name { get; set; } = "";
    }
}

/// <summary>Paths of fields as errors name them: <c>provider.max_price.image</c>.</summary>
internal static class FieldPath
{
    private const int MaxLength = 256;

    /// <summary>A field of an object; the object's path is empty at the top.</summary>
    public static string Of(string parent, string name)
    {
        var shown = Shown.Id(name);
        var path = parent.Length == 0 ? shown : new StringBuilder(parent).Append('.').Append(shown).ToString();
        return path.Length <= MaxLength ? path : path[..MaxLength];
    }
}
