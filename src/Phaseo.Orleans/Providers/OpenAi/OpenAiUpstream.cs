using System.Collections.Concurrent;
using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans.Providers.OpenAi;

/// <summary>
/// OpenAI's API and the many that speak it: the base URL plus the row's path without <c>/v1</c>, bearer key
/// (platform.openai.com/docs/api-reference).
/// </summary>
internal sealed class OpenAiUpstream(Provider provider, ProviderKeys keys, HttpExchange exchange) : IUpstream, IDisposable
{
    private readonly ConcurrentDictionary<string, Uri> _urls = new();
    private string? _authorization;

    /// <inheritdoc/>
    public Task<UpstreamAnswer> SendAsync(UpstreamCall request, CancellationToken cancellation)
    {
        if (provider.ApiKeyEnv is not null && (_authorization ??= Authorize()) is null)
        {
            return Task.FromResult(new UpstreamAnswer(new ProviderFailure(FailureKind.OperatorFault)));
        }

        var url = _urls.GetOrAdd(
            request.Endpoint, static (path, root) => ProviderRequests.Join(root, path["/v1".Length..]), provider.BaseUrl!);
        var message = ProviderRequests.Post(url, request);
        if (_authorization is not null)
        {
            message.Headers.TryAddWithoutValidation("Authorization", _authorization);
        }

        return exchange.SendAsync(message, request.Endpoint, cancellation);
    }

    /// <inheritdoc/>
    public void Dispose() => exchange.Dispose();

    private string? Authorize() => keys.Find(provider) is { } key ? "Bearer " + key : null;
}
