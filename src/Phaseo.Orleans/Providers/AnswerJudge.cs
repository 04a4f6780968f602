using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Billing;

namespace Phaseo.Orleans.Providers;

/// <summary>How the reading of a body ended.</summary>
internal enum BodyEnd
{
    /// <summary>Where the upstream ended it.</summary>
    Complete = 1,

    /// <summary>With the connection, before its end.</summary>
    Broken = 2,

    /// <summary>With a time limit.</summary>
    TimedOut = 3,

    /// <summary>With the cap on its size.</summary>
    TooLarge = 4,
}

/// <summary>Turns status, headers and body into an <see cref="UpstreamAnswer"/>.</summary>
internal sealed class AnswerJudge(BatchOptions options, TimeProvider time)
{
    private const int MaxRequestIdLength = 256;

    /// <summary>
    /// Judges an answer. The buffer belongs to the answer if its body is not empty, and to the caller if it is.
    /// </summary>
    public UpstreamAnswer Judge(HttpResponseMessage response, BodyEnd end, string endpoint, AnswerBuffer buffer)
    {
        var status = (int)response.StatusCode;
        var requestId = ReadRequestId(response);
        return status is >= 200 and < 300
            ? JudgeSuccess(status, requestId, end, endpoint, buffer)
            : JudgeError(status, requestId, end, response, buffer);
    }

    private static UpstreamAnswer JudgeSuccess(
        int status, string? requestId, BodyEnd end, string endpoint, AnswerBuffer buffer)
    {
        ReadOnlyMemory<byte> line = default;
        Meters? usage = null;
        var form = end == BodyEnd.Complete ? AnswerReader.Read(buffer.Written, endpoint, out line, out usage) : default;
        if (form == AnswerForm.Whole)
        {
            return new UpstreamAnswer(status, requestId, line, usage, null, buffer.Release);
        }

        var kind = (end, form) switch
        {
            (BodyEnd.TimedOut, _) => FailureKind.TimedOut,
            (BodyEnd.Broken, _) or (_, AnswerForm.Truncated) => FailureKind.Truncated,
            _ => FailureKind.InvalidResponse,
        };
        return new UpstreamAnswer(status, requestId, default, null, new ProviderFailure(kind));
    }

    // The status decides, also when the body came broken, late, too large or not at all.
    private UpstreamAnswer JudgeError(
        int status, string? requestId, BodyEnd end, HttpResponseMessage response, AnswerBuffer buffer)
    {
        ReadOnlyMemory<byte> line = default;
        var fields = default(ErrorFields);
        var isJson = end == BodyEnd.Complete && AnswerReader.TryReadError(buffer.Written, out line, out fields);
        var kind = AnswerFailures.Classify(status, fields);
        if (kind == FailureKind.OperatorFault)
        {
            return new UpstreamAnswer(status, requestId, default, null, new ProviderFailure(kind));
        }

        if (!isJson)
        {
            AnswerFailures.WriteNotJson(status, buffer);
            line = buffer.Written;
        }

        var failure = new ProviderFailure(kind, kind == FailureKind.Refused ? null : ReadRetryAfter(response));
        return new UpstreamAnswer(status, requestId, line, null, failure, buffer.Release);
    }

    private TimeSpan? ReadRetryAfter(HttpResponseMessage response) =>
        response.Headers.NonValidated.TryGetValues("Retry-After", out var values)
            ? RetryAdvice.Read(values.ToString(), time.GetUtcNow(), options.MaxRetryAfter)
            : null;

    // OpenAI's name for it, then Anthropic's.
    private static string? ReadRequestId(HttpResponseMessage response) =>
        ReadId(response, "x-request-id") ?? ReadId(response, "request-id");

    private static string? ReadId(HttpResponseMessage response, string name) =>
        response.Headers.NonValidated.TryGetValues(name, out var values)
            && values.ToString() is { Length: > 0 and <= MaxRequestIdLength } id
            ? id
            : null;
}
