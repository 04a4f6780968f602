using System.Globalization;

namespace Phaseo.Orleans.Silo.Http;

/// <summary>What a request says of being sent again (contract, "Idempotency").</summary>
/// <param name="IdempotencyKey">At most 255 characters; null without one.</param>
/// <param name="RetryCount">How often the client's library has retried; 0 when it does not say.</param>
/// <param name="Refusal">A header that cannot be used.</param>
internal readonly record struct ClientHeaders(string? IdempotencyKey, int RetryCount, Refusal? Refusal)
{
    private const string KeyHeader = "Idempotency-Key";
    private const int MaxKey = 255;

    /// <summary>The key has been used with another body.</summary>
    public static readonly Refusal KeyReused =
        new(422, "This Idempotency-Key was already used with a different request body.", KeyHeader, "idempotency_key_reused");

    /// <summary>The same request is being worked on.</summary>
    public static Refusal InProgress(TimeSpan retryAfter) =>
        new(409, "The same request is still being processed.", null, "request_in_progress") { RetryAfter = retryAfter };

    /// <summary>Says whether an earlier request made what the answer shows.</summary>
    public static void ShowReplay(HttpContext http, bool isReplay)
    {
        if (isReplay)
        {
            http.Response.Headers["Idempotent-Replayed"] = "true";
        }
    }

    /// <summary>Reads the headers.</summary>
    public static ClientHeaders Read(HttpRequest request)
    {
        var keys = request.Headers[KeyHeader];
        var key = keys.Count == 0 ? null : keys[0];
        if (keys.Count > 1 || key is { Length: 0 or > MaxKey })
        {
            return new(null, 0, new(400, $"{KeyHeader} must have 1 to {MaxKey} characters.", KeyHeader, "invalid_idempotency_key"));
        }

        // Not the client's code but its library sends this one: nonsense counts as absent.
        var isCount = int.TryParse(
            request.Headers["X-Stainless-Retry-Count"].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var count);
        return new(key, isCount ? count : 0, null);
    }
}
