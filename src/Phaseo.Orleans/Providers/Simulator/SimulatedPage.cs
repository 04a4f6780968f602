using System.Text.Json;

namespace Phaseo.Orleans.Providers.Simulator;

/// <summary>What one simulated answer says, whatever its shape, and the parts that shapes share.</summary>
/// <param name="Hash">SHA-256 of the request's body, lower-case hex.</param>
/// <param name="Text">What the model would have said.</param>
/// <param name="Model">The model's name.</param>
/// <param name="InputTokens">Tokens in.</param>
/// <param name="OutputTokens">Tokens out, of one choice.</param>
/// <param name="CreatedAt">Unix seconds.</param>
internal readonly record struct SimulatedPage(
    string Hash, string Text, string Model, long InputTokens, long OutputTokens, long CreatedAt)
{
    /// <summary>Id, object, time and model, as OpenAI's answers begin.</summary>
    public void WriteHead(Utf8JsonWriter writer, string idStart, ReadOnlySpan<byte> kind, ReadOnlySpan<byte> createdName)
    {
        writer.WriteString("id"u8, idStart + Hash[..24]);
        writer.WriteString("object"u8, kind);
        writer.WriteNumber(createdName, CreatedAt);
        writer.WriteString("model"u8, Model);
    }

    /// <summary>Usage of chat and text completions.</summary>
    public void WriteChatUsage(Utf8JsonWriter writer, int choices)
    {
        writer.WriteStartObject("usage"u8);
        writer.WriteNumber("prompt_tokens"u8, InputTokens);
        writer.WriteNumber("completion_tokens"u8, OutputTokens * choices);
        writer.WriteNumber("total_tokens"u8, InputTokens + (OutputTokens * choices));
        writer.WriteStartObject("prompt_tokens_details"u8);
        writer.WriteNumber("cached_tokens"u8, 0);
        writer.WriteEndObject();
        writer.WriteStartObject("completion_tokens_details"u8);
        writer.WriteNumber("reasoning_tokens"u8, 0);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>Usage of responses.</summary>
    public void WriteResponseUsage(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("usage"u8);
        writer.WriteNumber("input_tokens"u8, InputTokens);
        writer.WriteStartObject("input_tokens_details"u8);
        writer.WriteNumber("cached_tokens"u8, 0);
        writer.WriteEndObject();
        writer.WriteNumber("output_tokens"u8, OutputTokens);
        writer.WriteStartObject("output_tokens_details"u8);
        writer.WriteNumber("reasoning_tokens"u8, 0);
        writer.WriteEndObject();
        writer.WriteNumber("total_tokens"u8, InputTokens + OutputTokens);
        writer.WriteEndObject();
    }

    /// <summary>Usage of Anthropic's messages.</summary>
    public void WriteMessageUsage(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("usage"u8);
        writer.WriteNumber("input_tokens"u8, InputTokens);
        writer.WriteNumber("cache_creation_input_tokens"u8, 0);
        writer.WriteNumber("cache_read_input_tokens"u8, 0);
        writer.WriteNumber("output_tokens"u8, OutputTokens);
        writer.WriteEndObject();
    }

    /// <summary>Usage of image generations.</summary>
    public void WriteImageUsage(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("usage"u8);
        writer.WriteNumber("input_tokens"u8, InputTokens);
        writer.WriteStartObject("input_tokens_details"u8);
        writer.WriteNumber("text_tokens"u8, InputTokens);
        writer.WriteNumber("image_tokens"u8, 0);
        writer.WriteEndObject();
        writer.WriteNumber("output_tokens"u8, OutputTokens);
        writer.WriteNumber("total_tokens"u8, InputTokens + OutputTokens);
        writer.WriteEndObject();
    }
}
