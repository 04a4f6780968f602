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
                SimulatedTexts.WriteChat(writer, page, asked.Choices);
                break;
            case Endpoints.Completions:
                SimulatedTexts.WriteCompletion(writer, page, asked.Choices);
                break;
            case Endpoints.Responses:
                SimulatedTexts.WriteResponse(writer, page);
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
                SimulatedTexts.WriteMessage(writer, page);
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
