using System.Globalization;
using System.Net;

namespace Phaseo.Orleans.Providers;

/// <summary>What all adapters' requests have in common, and the handler that they go through.</summary>
internal static class ProviderRequests
{
    // Kilobytes.
    private const int MaxResponseHeaders = 32;

    /// <summary>A call without the provider's own headers. The row's bytes are sent as they are, not copied.</summary>
    public static HttpRequestMessage Post(Uri url, in UpstreamCall call)
    {
        // This content, and no class of our own, makes the handler finish with the bytes before it returns (over
        // HTTP/2 it may otherwise answer while it still sends), so that they can go back to their pool.
        var content = new ReadOnlyMemoryContent(call.Body);
        content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        var request = new HttpRequestMessage(HttpMethod.Post, url)
        {
            Content = content,

            // Over https the two sides agree on the version (ALPN); over http it is 1.1.
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        request.Headers.TryAddWithoutValidation("Idempotency-Key", call.RowId);
        request.Headers.TryAddWithoutValidation("x-phaseo-attempt", call.Attempt.ToString(CultureInfo.InvariantCulture));
        return request;
    }

    /// <summary>Appends a path to a base URL, with or without a slash at its end; its query stays.</summary>
    public static Uri Join(Uri baseUrl, string path) =>
        new UriBuilder(baseUrl) { Path = baseUrl.AbsolutePath.TrimEnd('/') + path }.Uri;

    /// <summary>A handler that does what it is told and nothing else: it follows, remembers and unpacks nothing.</summary>
    /// <param name="connectLimit">How long a connection may take to be made.</param>
    public static SocketsHttpHandler CreateHandler(TimeSpan connectLimit) => new()
    {
        UseCookies = false,
        UseProxy = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,

        // The limiter bounds the calls.
        MaxConnectionsPerServer = int.MaxValue,
        EnableMultipleHttp2Connections = true,
        ConnectTimeout = connectLimit,

        // DNS may change under a process that lives for months; idle connections end before servers drop them.
        PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        KeepAlivePingDelay = TimeSpan.FromSeconds(30),
        KeepAlivePingTimeout = TimeSpan.FromSeconds(20),
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        MaxResponseHeadersLength = MaxResponseHeaders,

        // A body that we gave up is not worth reading to its end.
        MaxResponseDrainSize = 0,
    };
}
