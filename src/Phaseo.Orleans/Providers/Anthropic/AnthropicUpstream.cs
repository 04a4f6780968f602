using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans.Providers.Anthropic;

/// <summary>
/// Anthropic's Messages API (docs.anthropic.com/en/api/messages). It serves <c>/v1/messages</c> and nothing else: a
/// catalog that says otherwise is the operator's fault.
/// </summary>
internal sealed class AnthropicUpstream(Provider provider, ProviderKeys keys, HttpExchange exchange) : IUpstream, IDisposable
{
    private readonly Uri _url = Locate(provider.BaseUrl!);
    private string? _key;

    /// <inheritdoc/>
    public Task<UpstreamAnswer> SendAsync(UpstreamCall request, CancellationToken cancellation)
    {
        if (request.Endpoint != Endpoints.Messages || (provider.ApiKeyEnv is not null && (_key ??= keys.Find(provider)) is null))
        {
            return Task.FromResult(new UpstreamAnswer(new ProviderFailure(FailureKind.OperatorFault)));
        }

        var message = ProviderRequests.Post(_url, request);
        message.Headers.TryAddWithoutValidation("anthropic-version", "2023-06-01");
        if (_key is not null)
        {
            message.Headers.TryAddWithoutValidation("x-api-key", _key);
        }

        return exchange.SendAsync(message, Endpoints.Messages, cancellation);
    }

    /// <inheritdoc/>
    public void Dispose() => exchange.Dispose();

    // Base URLs are written with and without the version: https://api.anthropic.com, https://api.anthropic.com/v1.
    private static Uri Locate(Uri baseUrl) => ProviderRequests.Join(
        baseUrl, baseUrl.AbsolutePath.TrimEnd('/').EndsWith("/v1", StringComparison.Ordinal) ? "/messages" : Endpoints.Messages);
}
