using System.Net;

namespace Phaseo.Orleans.Cli.Client;

/// <summary>When a failed request is worth another try, and after how long. Pure: the random number comes in.</summary>
internal static class RetryPolicy
{
    /// <summary>Tries of one request, the first included, once the server has been heard of: about four minutes.</summary>
    public const int MaxAttempts = 12;

    /// <summary>Tries while no server has ever answered: a wrong address must not hang for minutes.</summary>
    public const int MaxAttemptsBeforeContact = 3;

    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(30);

    // A server that asks for more than this is down for good as far as a waiting person is concerned.
    private static readonly TimeSpan MaxRetryAfter = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Whether an answer says "later": 429, 503, what proxies answer for a server that restarts, and a 409 because an
    /// earlier try of the same request is still at work (or died: its claim is taken over after a minute).
    /// </summary>
    public static bool IsTransient(HttpStatusCode status, string? code) => status is HttpStatusCode.TooManyRequests
            or HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout
        || (status == HttpStatusCode.Conflict && code == "request_in_progress");

    /// <summary>How long to wait before the next try; null: give up.</summary>
    /// <param name="attempt">The try that failed, from 1.</param>
    /// <param name="inContact">Whether this server has ever answered.</param>
    /// <param name="retryAfter">What the server asked for, or null.</param>
    /// <param name="random">From 0 to 1.</param>
    public static TimeSpan? NextDelay(int attempt, bool inContact, TimeSpan? retryAfter, double random)
    {
        if (attempt >= (inContact ? MaxAttempts : MaxAttemptsBeforeContact) || retryAfter > MaxRetryAfter)
        {
            return null;
        }

        // Half fixed, half random, so that many clients do not come back at once.
        var backoff = Math.Min(FirstDelay.TotalSeconds * Math.Pow(2, attempt - 1), MaxDelay.TotalSeconds);
        var delay = TimeSpan.FromSeconds(backoff * (0.5 + (random / 2)));
        return retryAfter > delay ? retryAfter : delay;
    }
}
