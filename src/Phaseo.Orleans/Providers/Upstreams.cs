using System.Collections.Concurrent;
using Microsoft.Extensions.ObjectPool;
using Microsoft.Extensions.Options;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Providers.Anthropic;
using Phaseo.Orleans.Providers.OpenAi;
using Phaseo.Orleans.Providers.Simulator;
using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans.Providers;

/// <summary>
/// One adapter, with connections of its own, for each provider as the catalog describes it. When the catalog changes
/// where a provider is or how it is spoken to, a new adapter takes over; the calls of the old one end as they would
/// have, its idle connections close by themselves, and all are closed at shutdown.
/// </summary>
internal sealed class Upstreams(ProviderKeys keys, IOptions<BatchOptions> options, TimeProvider time) : IUpstreams, IDisposable
{
    private readonly ObjectPool<CallClock> _clocks = CallClock.CreatePool(time);
    private readonly ConcurrentDictionary<Identity, Lazy<IUpstream>> _adapters = new();

    // The way of every call: the same object as last time needs no look at what is in it.
    private readonly ConcurrentDictionary<string, Known> _latest = new(StringComparer.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public IUpstream Find(Provider provider)
    {
        if (_latest.TryGetValue(provider.Id, out var known) && ReferenceEquals(known.Provider, provider))
        {
            return known.Adapter;
        }

        var identity = new Identity(
            provider.Id.ToUpperInvariant(), provider.Kind, provider.BaseUrl, provider.ApiKeyEnv, provider.Simulator);
        var adapter = _adapters.GetOrAdd(identity, _ => new Lazy<IUpstream>(() => Create(provider))).Value;
        _latest[provider.Id] = new Known(provider, adapter);
        return adapter;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var adapter in _adapters.Values)
        {
            (adapter.Value as IDisposable)?.Dispose();
        }
    }

    private IUpstream Create(Provider provider) => provider.Kind switch
    {
        ProviderKind.OpenAi => new OpenAiUpstream(provider, keys, CreateExchange()),
        ProviderKind.Anthropic => new AnthropicUpstream(provider, keys, CreateExchange()),
        ProviderKind.Simulator => new SimulatorUpstream(provider.Simulator ?? new SimulatorSettings(), time),
    };

    private HttpExchange CreateExchange() =>
        new(ProviderRequests.CreateHandler(options.Value.ConnectLimit), _clocks, options.Value, time);

    private sealed record Known(Provider Provider, IUpstream Adapter);

    private sealed record Identity(
        string Id, ProviderKind Kind, Uri? BaseUrl, string? ApiKeyEnv, SimulatorSettings? Simulator);
}
