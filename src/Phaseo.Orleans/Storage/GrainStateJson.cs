using System.Text.Json;
using System.Text.Json.Serialization;

namespace Phaseo.Orleans.Storage;

/// <summary>How grain state is written in every home: snake_case names, enums by name, null left out; no CLR type names.</summary>
public static class GrainStateJson
{
    /// <summary>Sets the form.</summary>
    public static void Apply(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.IncludeFields = false;
        options.Converters.Add(new JsonStringEnumConverter());
    }
}
