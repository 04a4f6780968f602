using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.TestingHost;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.LoadTests.Engine;
using Phaseo.Orleans.Routing;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.LoadTests.Load;

/// <summary>Silos of the TestingHost in this process, on one set of embedded stores.</summary>
internal sealed class LoadCluster : IAsyncDisposable
{
    private readonly InProcessTestCluster _cluster;
    private readonly SharedStores _stores;

    private LoadCluster(InProcessTestCluster cluster, SharedStores stores)
    {
        _cluster = cluster;
        _stores = stores;
        Client = new EngineClient(Services);
        Remains = new Remains(
            Services.GetRequiredService<IOpenBatches>(),
            Services.GetRequiredService<IFileReferences>(),
            Services.GetRequiredService<IJournalStore>(),
            Services.GetRequiredService<IBlobStore>(),
            Services.GetRequiredService<IReminderTable>());
    }

    /// <summary>Through the first silo, which is never killed.</summary>
    public EngineClient Client { get; }

    /// <summary>What is left of finished batches.</summary>
    public Remains Remains { get; }

    private IServiceProvider Services => _cluster.Silos[0].ServiceProvider;

    public static async Task<LoadCluster> StartAsync(LoadOptions options, string folder, Uri upstream)
    {
        var catalog = Path.Combine(folder, "catalog.json");
        EchoCatalog.Write(catalog, upstream, options.Concurrency * options.Silos);
        var stores = new SharedStores(Path.Combine(folder, "data"));
        var builder = new InProcessTestClusterBuilder((short)options.Silos);
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureSilo((_, silo) =>
        {
            stores.Use(silo);
            silo.AddPhaseo();
            silo.Services.AddLogging(logging => logging
                .ClearProviders()
                .SetMinimumLevel(LogLevel.Error)
                .AddFilter("Orleans", LogLevel.None) // A killed silo has much to say.
                .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace));
            silo.Services.Configure<CatalogOptions>(settings => settings.Path = catalog);
            silo.Services.Configure<BatchOptions>(settings =>
            {
                settings.MaxRows = Math.Max(settings.MaxRows, options.MaxRows);
                settings.MaxConcurrentCalls = options.Concurrency;
                settings.FirstRetryDelay = TimeSpan.FromMilliseconds(50);
                settings.CancelGrace = TimeSpan.FromSeconds(2);
            });
        });
        var cluster = builder.Build();
        try
        {
            await cluster.DeployAsync();
            return new LoadCluster(cluster, stores);
        }
        catch
        {
            await cluster.DisposeAsync();
            await stores.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills the silo that was started last, and starts another.</summary>
    public async Task ReplaceOneAsync()
    {
        await _cluster.KillSiloAsync(_cluster.Silos[^1]);
        await _cluster.StartSilosAsync(1);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _cluster.StopAllSilosAsync();
        await _cluster.DisposeAsync();
        await _stores.DisposeAsync();
    }
}
