using System.Text.Json;

namespace Phaseo.Orleans.Providers.Simulator;

/// <summary>Writes the members of answers that are a text, in the shapes of the four endpoints that give one.</summary>
internal static class SimulatedTexts
{
    /// <summary>A <c>chat.completion</c> without its braces.</summary>
    public static void WriteChat(Utf8JsonWriter writer, SimulatedPage page, int choices)
    {
        page.WriteHead(writer, "chatcmpl-sim", "chat.completion"u8, "created"u8);
        writer.WriteStartArray("choices"u8);
        for (var i = 0; i < choices; i++)
        {
            writer.WriteStartObject();
            writer.WriteNumber("index"u8, i);
            writer.WriteStartObject("message"u8);
            writer.WriteString("role"u8, "assistant"u8);
            writer.WriteString("content"u8, page.Text);
            writer.WriteNull("refusal"u8);
            writer.WriteEndObject();
            writer.WriteNull("logprobs"u8);
            writer.WriteString("finish_reason"u8, "stop"u8);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        page.WriteChatUsage(writer, choices);
    }

    /// <summary>A <c>text_completion</c> without its braces.</summary>
    public static void WriteCompletion(Utf8JsonWriter writer, SimulatedPage page, int choices)
    {
        page.WriteHead(writer, "cmpl-sim", "text_completion"u8, "created"u8);
        writer.WriteStartArray("choices"u8);
        for (var i = 0; i < choices; i++)
        {
            writer.WriteStartObject();
            writer.WriteString("text"u8, page.Text);
            writer.WriteNumber("index"u8, i);
            writer.WriteNull("logprobs"u8);
            writer.WriteString("finish_reason"u8, "stop"u8);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        page.WriteChatUsage(writer, choices);
    }

    /// <summary>A <c>response</c> without its braces.</summary>
    public static void WriteResponse(Utf8JsonWriter writer, SimulatedPage page)
    {
        page.WriteHead(writer, "resp_sim", "response"u8, "created_at"u8);
        writer.WriteString("status"u8, "completed"u8);
        writer.WriteNull("error"u8);
        writer.WriteNull("incomplete_details"u8);
        writer.WriteStartArray("output"u8);
        writer.WriteStartObject();
        writer.WriteString("type"u8, "message"u8);
        writer.WriteString("id"u8, "msg_sim" + page.Hash[..24]);
        writer.WriteString("status"u8, "completed"u8);
        writer.WriteString("role"u8, "assistant"u8);
        writer.WriteStartArray("content"u8);
        writer.WriteStartObject();
        writer.WriteString("type"u8, "output_text"u8);
        writer.WriteString("text"u8, page.Text);
        writer.WriteStartArray("annotations"u8);
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndArray();
        page.WriteResponseUsage(writer);
    }

    /// <summary>An Anthropic <c>message</c> without its braces.</summary>
    public static void WriteMessage(Utf8JsonWriter writer, SimulatedPage page)
    {
        writer.WriteString("id"u8, "msg_sim" + page.Hash[..24]);
        writer.WriteString("type"u8, "message"u8);
        writer.WriteString("role"u8, "assistant"u8);
        writer.WriteString("model"u8, page.Model);
        writer.WriteStartArray("content"u8);
        writer.WriteStartObject();
        writer.WriteString("type"u8, "text"u8);
        writer.WriteString("text"u8, page.Text);
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteString("stop_reason"u8, "end_turn"u8);
        writer.WriteNull("stop_sequence"u8);
        page.WriteMessageUsage(writer);
    }
}
