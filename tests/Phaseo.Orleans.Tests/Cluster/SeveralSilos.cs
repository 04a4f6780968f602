using System.Collections.Concurrent;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Cluster;
using Phaseo.Orleans.Providers;
using Phaseo.Orleans.Testing;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Cluster;

/// <summary>A cluster whose silos each call providers of their own, which write down who called.</summary>
internal sealed class SeveralSilos : IAsyncDisposable
{
    private const int CallsAtOnce = 32;
    private readonly TempFolder _folder = new();
    private readonly SharedStores _stores;
    private readonly ConcurrentDictionary<int, ScriptedUpstreams> _upstreams = new();

    private SeveralSilos() => _stores = new(_folder.Path);

    /// <summary>The silos.</summary>
    public EngineSilo Silos { get; private set; } = null!;

    /// <summary>How every call is answered; by default at once and well.</summary>
    public Func<ScriptedCall, Task<UpstreamAnswer>> Answer { get; set; } = call => Task.FromResult(call.Good());

    /// <summary>All calls; their silo is its number.</summary>
    public IReadOnlyList<ScriptedCall> Calls => [.. _upstreams.Values.SelectMany(upstream => upstream.Calls)];

    /// <summary>Starts a silo for each role.</summary>
    public static async Task<SeveralSilos> StartAsync(TimeSpan drain, params SiloRole[] roles)
    {
        var cluster = new SeveralSilos();
        cluster.Silos = await EngineSilo.StartClusterAsync(
            ScriptedUpstreams.Catalog(CallsAtOnce, "a"),
            cluster._stores,
            (silo, number) =>
            {
                var upstreams = cluster._upstreams.GetOrAdd(
                    number, _ => new($"{number}", TimeProvider.System) { Answer = call => cluster.Answer(call) });
                upstreams.Use(silo);
                silo.Configure<BatchOptions>(options => options.MaxConcurrentCalls = CallsAtOnce);
                silo.Configure<DrainOptions>(options => options.CallLimit = drain);
            },
            roles);
        return cluster;
    }

    /// <summary>Calls that were made by one silo.</summary>
    public int CallsOf(int silo) => _upstreams[silo].Calls.Count;

    public async ValueTask DisposeAsync()
    {
        Answer = call => Task.FromResult(call.Good());
        await Silos.DisposeAsync();
        await _stores.DisposeAsync();
        _folder.Dispose();
    }
}
