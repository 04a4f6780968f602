using System.Text.Json;
using System.Text.Json.Serialization;

namespace Phaseo.Orleans;

/// <summary>How grain state is written: snake_case names, enums by name, nothing of CLR types. Golden files hold the shapes.</summary>
internal static class StoredJson
{
    /// <summary>Sets the rules.</summary>
    public static void Apply(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.Converters.Add(new JsonStringEnumConverter());
    }
}
