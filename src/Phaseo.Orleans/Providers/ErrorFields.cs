using System.Text.Json;

namespace Phaseo.Orleans.Providers;

/// <summary>The words of an error body that decide whose fault it is; see <see cref="AnswerFailures"/>.</summary>
/// <param name="SaysModelNotFound">The error is about a model that the provider does not have.</param>
/// <param name="SaysQuotaExhausted">The operator's account has run dry.</param>
internal readonly record struct ErrorFields(bool SaysModelNotFound, bool SaysQuotaExhausted)
{
    /// <summary>
    /// Reads a valid JSON object. A model is not found when <c>error.code</c> is <c>model_not_found</c> (OpenAI),
    /// <c>error.type</c> is <c>not_found_error</c> (Anthropic, Ollama) or <c>NotFoundError</c> (vLLM), or
    /// <c>error.param</c> is <c>model</c>. A quota is exhausted when <c>error.code</c> or <c>error.type</c> is
    /// <c>insufficient_quota</c> (OpenAI).
    /// </summary>
    public static ErrorFields Read(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("error"u8) && reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            {
                return ReadError(ref reader);
            }

            reader.Skip();
        }

        return default;
    }

    private static ErrorFields ReadError(ref Utf8JsonReader reader)
    {
        var model = false;
        var quota = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isKind = reader.ValueTextEquals("code"u8) || reader.ValueTextEquals("type"u8);
            var isParam = reader.ValueTextEquals("param"u8);
            reader.Read();
            if (reader.TokenType == JsonTokenType.String)
            {
                model |= isParam && reader.ValueTextEquals("model"u8);
                model |= isKind && (reader.ValueTextEquals("model_not_found"u8)
                    || reader.ValueTextEquals("not_found_error"u8)
                    || reader.ValueTextEquals("NotFoundError"u8));
                quota |= isKind && reader.ValueTextEquals("insufficient_quota"u8);
            }

            reader.Skip();
        }

        return new ErrorFields(model, quota);
    }
}
