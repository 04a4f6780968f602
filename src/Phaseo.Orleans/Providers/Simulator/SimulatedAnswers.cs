using System.Security.Cryptography;
using System.Text.Json;
using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans.Providers.Simulator;

/// <summary>
/// Writes answers in the shapes of OpenAI's and Anthropic's public API references, one method an endpoint. Each holds
/// <c>"system_fingerprint":"phaseo-simulator"</c>, and a text or field with the SHA-256 of the request's body.
/// </summary>
internal static class SimulatedAnswers
{
    // A transparent PNG of one pixel.
    private const string Pixel =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

    /// <summary>Writes the answer to a call.</summary>
    public static void Write(AnswerBuffer buffer, in UpstreamCall call, SimulatedRequest asked, int outputTokens, long createdAt)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(call.Body.Span, hash);
        var hex = Convert.ToHexStringLower(hash);

        // About four bytes a token, as OpenAI's rule of thumb for English has it.
        var page = new SimulatedPage(
            hex,
            $"This is a simulated answer to the request with SHA-256 {hex}.",
            call.Offer.UpstreamModel,
            Math.Max(1, call.Body.Length / 4),
            outputTokens,
            createdAt);
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writer.WriteString("system_fingerprint"u8, "phaseo-simulator"u8);
        switch (call.Endpoint)
        {
            case Endpoints.ChatCompletions:
                WriteChat(writer, page, asked.Choices);
                break;
            case Endpoints.Completions:
                WriteCompletion(writer, page, asked.Choices);
                break;
            case Endpoints.Responses:
                WriteResponse(writer, page);
                break;
            case Endpoints.Embeddings:
                WriteEmbeddings(writer, page, asked, hash);
                break;
            case Endpoints.Moderations:
                WriteModeration(writer, page, asked.Inputs);
                break;
            case Endpoints.Images:
                WriteImages(writer, page, asked.Choices);
                break;
            case Endpoints.Messages:
                WriteMessage(writer, page);
                break;
            default:
                throw new ArgumentException($"The simulator does not know the endpoint {call.Endpoint}.", nameof(call));
        }

        writer.WriteEndObject();
    }

    /// <summary>Writes an error as the endpoint's API would.</summary>
    public static void WriteError(AnswerBuffer buffer, string endpoint, int status)
    {
        var type = status == 429 ? "rate_limit_error" : "server_error";
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        if (endpoint == Endpoints.Messages)
        {
            writer.WriteString("type"u8, "error"u8);
            type = status == 429 ? "rate_limit_error" : "api_error";
        }

        writer.WriteStartObject("error"u8);
        writer.WriteString("message"u8, $"This is a simulated failure with status {status}.");
        writer.WriteString("type"u8, type);
        writer.WriteNull("param"u8);
        writer.WriteString("code"u8, "phaseo_simulator"u8);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteChat(Utf8JsonWriter writer, SimulatedPage page, int choices)
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

    private static void WriteCompletion(Utf8JsonWriter writer, SimulatedPage page, int choices)
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

    private static void WriteResponse(Utf8JsonWriter writer, SimulatedPage page)
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

    private static void WriteMessage(Utf8JsonWriter writer, SimulatedPage page)
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

    private static void WriteEmbeddings(
        Utf8JsonWriter writer, SimulatedPage page, SimulatedRequest asked, ReadOnlySpan<byte> hash)
    {
        writer.WriteString("object"u8, "list"u8);
        writer.WriteString("model"u8, page.Model);
        writer.WriteString("simulated_answer"u8, page.Text);
        writer.WriteStartArray("data"u8);
        for (var i = 0; i < asked.Inputs; i++)
        {
            writer.WriteStartObject();
            writer.WriteString("object"u8, "embedding"u8);
            writer.WriteNumber("index"u8, i);
            SimulatedVector.Write(writer, hash, i, asked);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartObject("usage"u8);
        writer.WriteNumber("prompt_tokens"u8, page.InputTokens);
        writer.WriteNumber("total_tokens"u8, page.InputTokens);
        writer.WriteEndObject();
    }

    private static void WriteModeration(Utf8JsonWriter writer, SimulatedPage page, int inputs)
    {
        writer.WriteString("id"u8, "modr-sim" + page.Hash[..24]);
        writer.WriteString("model"u8, page.Model);
        writer.WriteString("simulated_answer"u8, page.Text);
        writer.WriteStartArray("results"u8);
        for (var i = 0; i < inputs; i++)
        {
            SimulatedModeration.Write(writer);
        }

        writer.WriteEndArray();
    }

    private static void WriteImages(Utf8JsonWriter writer, SimulatedPage page, int images)
    {
        writer.WriteNumber("created"u8, page.CreatedAt);
        writer.WriteStartArray("data"u8);
        for (var i = 0; i < images; i++)
        {
            writer.WriteStartObject();
            writer.WriteString("b64_json"u8, Pixel);
            writer.WriteString("revised_prompt"u8, page.Text);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        page.WriteImageUsage(writer);
    }
}
