using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Phaseo.Orleans.Silo.Wire;

/// <summary>How everything that leaves the API is spelled.</summary>
internal static class WireFormat
{
    /// <summary>The options of every answer.</summary>
    public static readonly JsonSerializerOptions Options = Create();

    /// <summary>
    /// snake_case names, nulls written. The resolver is assigned, not added: a type that nobody declared on
    /// <see cref="WireContext"/> fails instead of being serialised by reflection under other rules.
    /// </summary>
    public static void Apply(JsonSerializerOptions options)
    {
        options.NumberHandling = JsonNumberHandling.Strict;
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.TypeInfoResolver = WireContext.Default;

        // Answers are application/json and never part of a page, so only what JSON itself asks for is escaped.
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
    }

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions();
        Apply(options);
        options.MakeReadOnly();
        return options;
    }
}
