using System.Text.Json;

namespace Phaseo.Orleans.Providers;

/// <summary>
/// Says what an answer without a 2xx status means, and what body a client may see of it. The statuses are contract.md's
/// "Attempts". Three cases it leaves open are decided here:
/// <list type="bullet">
/// <item>404 is "for the model", and so the operator's fault, only if the error names the model (see
/// <see cref="ErrorFields"/>); any other 404 is final, like every other 4xx.</item>
/// <item>429 with <c>insufficient_quota</c> is the operator's fault: OpenAI says with it that the account has run dry, as
/// others do with 402. Waiting does not help, and the body speaks of the operator's billing.</item>
/// <item>1xx and 3xx are the operator's fault: redirects are never followed, since the row and its key were meant for the
/// catalog's base URL and for nobody else.</item>
/// </list>
/// </summary>
internal static class AnswerFailures
{
    /// <summary>Classifies an answer by its status and by what its error says.</summary>
    public static FailureKind Classify(int status, ErrorFields error) => status switch
    {
        401 or 402 or 403 => FailureKind.OperatorFault,
        404 when error.SaysModelNotFound => FailureKind.OperatorFault,
        429 when error.SaysQuotaExhausted => FailureKind.OperatorFault,
        429 => FailureKind.RateLimited,
        408 or 425 or >= 500 => FailureKind.Overloaded,
        >= 400 => FailureKind.Refused,
        _ => FailureKind.OperatorFault,
    };

    /// <summary>Writes OpenAI's error form around the fact that the provider's body cannot be shown.</summary>
    public static void WriteNotJson(int status, AnswerBuffer buffer)
    {
        buffer.Clear();
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writer.WriteStartObject("error"u8);
        writer.WriteString("message"u8, $"Upstream answered {status} with a body that is not JSON.");
        writer.WriteString("type"u8, status switch
        {
            429 => "rate_limit_error",
            >= 500 => "server_error",
            _ => "invalid_request_error",
        });
        writer.WriteNull("param"u8);
        writer.WriteNull("code"u8);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
