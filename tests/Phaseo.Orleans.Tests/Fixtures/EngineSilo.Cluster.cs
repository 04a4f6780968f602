using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using Phaseo.Orleans.Cluster;
using Phaseo.Orleans.Routing;
using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.Tests.Fixtures;

/// <content>Several silos of one process as one cluster.</content>
public sealed partial class EngineSilo
{
    private Action<SiloRole>? _next;

    /// <summary>Starts one silo for each role, in that order, as one cluster on shared stores.</summary>
    /// <param name="catalog">The catalog of all.</param>
    /// <param name="stores">Where all is kept; the caller's.</param>
    /// <param name="customise">Called for each silo, with its number.</param>
    /// <param name="roles">Of each silo.</param>
    internal static async Task<EngineSilo> StartClusterAsync(
        string catalog, SharedStores stores, Action<ISiloBuilder, int> customise, params SiloRole[] roles)
    {
        var folder = new TempFolder();
        var catalogFile = Path.Combine(folder.Path, "catalog.json");
        await File.WriteAllTextAsync(catalogFile, catalog);
        var (started, next) = (0, roles[0]);
        var builder = new InProcessTestClusterBuilder(1);
        builder.Options.ServiceId = "engine";
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureSilo((_, silo) =>
        {
            stores.Use(silo);
            silo.AddPhaseo(next);
            silo.Services.Configure<CatalogOptions>(options => options.Path = catalogFile);
            customise(silo, started++);
        });
        var cluster = builder.Build();
        await cluster.DeployAsync();
        var engine = new EngineSilo(folder, cluster) { _next = role => next = role };
        foreach (var role in roles.Skip(1))
        {
            await engine.AddAsync(role);
        }

        return engine;
    }

    /// <summary>Starts one more silo; it gets the next number.</summary>
    internal async Task AddAsync(SiloRole role)
    {
        _next!(role);
        await _cluster.StartAdditionalSiloAsync();
        await _cluster.WaitForLivenessToStabilizeAsync(false);
    }

    /// <summary>Stops a silo as its operator would; later ones move up.</summary>
    internal Task StopAsync(int silo) => _cluster.StopSiloAsync(_cluster.Silos[silo]);

    /// <summary>Ends a silo without a word; membership hears of it at once. Later ones move up.</summary>
    internal Task KillAsync(int silo) => _cluster.KillSiloAsync(_cluster.Silos[silo]);
}
