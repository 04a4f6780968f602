using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Routing;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Fixtures;

[assembly: AssemblyFixture(typeof(Phaseo.Orleans.Tests.Routing.RoutingCluster))]

namespace Phaseo.Orleans.Tests.Routing;

/// <summary>Two silos that route by one catalog: three providers with four places each, and a silo cap of 100.</summary>
public sealed class RoutingCluster : IAsyncLifetime
{
    private readonly string _file = Path.GetTempFileName();
    private InProcessTestCluster? _cluster;

    public const int Places = 4;

    internal IServiceProvider First => _cluster!.Silos[0].ServiceProvider;

    internal IServiceProvider Second => _cluster!.Silos[1].ServiceProvider;

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(_file, $$"""
            {"providers":[{{Provider("dear")}},{{Provider("cheap")}},{{Provider("spare")}}],
             "offers":[{{Offer("dear", "9")}},{{Offer("cheap", "1")}}]}
            """);
        var builder = new InProcessTestClusterBuilder(2);
        builder.ConfigureSilo((_, silo) => silo.Services
            .AddPhaseoRouting()
            .AddSingleton<IBlobStore>(new MemoryBlobs())
            .Configure<CatalogOptions>(options => options.Path = _file)
            .Configure<BatchOptions>(options => options.MaxConcurrentCalls = 100));
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }

        File.Delete(_file);
    }

    private static string Provider(string id) =>
        $$"""{"id":"{{id}}","kind":"simulator","max_concurrency":{{Places}}}""";

    private static string Offer(string provider, string price) => $$"""
        {"provider":"{{provider}}","model":"test/model","upstream_model":"m","endpoints":["/v1/chat/completions"],"batch":"relay",
         "status":"active","prices":[{"meter":"input_tokens","unit_size":1000000,"price_usd":"{{price}}","plan":"standard"},
         {"meter":"output_tokens","unit_size":1000000,"price_usd":"{{price}}","plan":"standard"}]}
        """;
}
