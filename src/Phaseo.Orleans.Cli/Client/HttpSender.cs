using System.Net;
using System.Text.Json;

namespace Phaseo.Orleans.Cli.Client;

/// <summary>Sends a request until it is answered: retries what is transient, turns a refusal into an exception.</summary>
internal sealed class HttpSender(HttpClient http, TimeProvider time)
{
    /// <summary>How long a server may think about a request without a long body.</summary>
    public static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(100);

    private volatile bool _inContact;

    /// <summary>The success answer, its body not yet read. The caller disposes it.</summary>
    /// <param name="make">Makes the request anew for each try.</param>
    /// <param name="limit">From sending to the answer's headers, for each try.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<HttpResponseMessage> SendAsync(Func<HttpRequestMessage> make, TimeSpan limit, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            PhaseoApiException failure;
            TimeSpan? retryAfter = null;
            try
            {
                using var request = make();
                using var late = new CancellationTokenSource(limit, time);
                using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
                var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ended.Token);
                _inContact = true;
                if (answer.IsSuccessStatusCode)
                {
                    return answer;
                }

                using (answer)
                {
                    failure = await ReadFailureAsync(answer, cancellation);
                    if (!RetryPolicy.IsTransient(answer.StatusCode, failure.Detail?.Code) || MustNotRetry(answer))
                    {
                        throw failure;
                    }

                    retryAfter = ReadRetryAfter(answer);
                }
            }
            catch (HttpRequestException e)
            {
                failure = new PhaseoApiException($"{http.BaseAddress} cannot be reached: {e.Message}", inner: e);
            }
            catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
            {
                failure = new PhaseoApiException($"{http.BaseAddress} did not answer within {limit.TotalSeconds:0} seconds", inner: e);
            }

            var delay = RetryPolicy.NextDelay(attempt, _inContact, retryAfter, Random.Shared.NextDouble()) ?? throw failure;
            await Task.Delay(delay, time, cancellation);
        }
    }

    private static bool MustNotRetry(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues("x-should-retry", out var values) && values.Contains("false");

    private TimeSpan? ReadRetryAfter(HttpResponseMessage answer) => answer.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - time.GetUtcNow(),
        _ => null,
    };

    private static async Task<PhaseoApiException> ReadFailureAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        var detail = await ReadDetailAsync(answer, cancellation);
        var message = detail?.Message ?? (answer.StatusCode == HttpStatusCode.Unauthorized
            ? "the server refused the key"
            : $"the server answered {(int)answer.StatusCode} {answer.ReasonPhrase}");
        var request = answer.Headers.TryGetValues("x-request-id", out var ids) ? ids.FirstOrDefault() : null;
        var marks = string.Join(", ", new[] { detail?.Code, detail?.Param, request }.Where(mark => !string.IsNullOrEmpty(mark)));
        return new PhaseoApiException(marks.Length == 0 ? message : $"{message} ({marks})", answer.StatusCode, detail);
    }

    private static async Task<ErrorDetail?> ReadDetailAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        try
        {
            await using var body = await answer.Content.ReadAsStreamAsync(cancellation);
            return (await JsonSerializer.DeserializeAsync(body, ClientJson.Default.ErrorBody, cancellation))?.Error;
        }
        catch (JsonException)
        {
            return null; // A proxy's page: its status says enough.
        }
    }
}
