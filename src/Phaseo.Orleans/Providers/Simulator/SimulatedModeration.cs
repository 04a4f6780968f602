using System.Text.Json;

namespace Phaseo.Orleans.Providers.Simulator;

/// <summary>Writes one result of a moderation: nothing is flagged.</summary>
internal static class SimulatedModeration
{
    // OpenAI's categories (platform.openai.com/docs/api-reference/moderations/object).
    private static readonly string[] Categories =
    [
        "harassment", "harassment/threatening", "hate", "hate/threatening", "illicit", "illicit/violent", "self-harm",
        "self-harm/instructions", "self-harm/intent", "sexual", "sexual/minors", "violence", "violence/graphic",
    ];

    /// <summary>Writes the result as a value.</summary>
    public static void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteBoolean("flagged"u8, false);
        writer.WriteStartObject("categories"u8);
        foreach (var category in Categories)
        {
            writer.WriteBoolean(category, false);
        }

        writer.WriteEndObject();
        writer.WriteStartObject("category_scores"u8);
        foreach (var category in Categories)
        {
            writer.WriteNumber(category, 0);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
