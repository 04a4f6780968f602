using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Batches.Creation;
using Phaseo.Orleans.Batches.Shards;
using Phaseo.Orleans.Cluster;
using Phaseo.Orleans.Files.Purging;
using Phaseo.Orleans.Providers;
using Phaseo.Orleans.Routing;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans;

/// <summary>Registers the product. Storage and clustering are the host's choice.</summary>
public static class PhaseoServices
{
    /// <summary>Adds the engine to a silo: batches, files, routing, providers. Needs the stores of one storage home.</summary>
    public static ISiloBuilder AddPhaseo(this ISiloBuilder silo, SiloRole role = SiloRole.All)
    {
        silo.AddPhaseoCluster(role);
        silo.Services
            .AddStorageMetering()
            .AddPhaseoRouting()
            .AddPhaseoProviders()
            .AddPhaseoCreation()
            .AddPhaseoPurging()
            .AddPhaseoBatches();
        return silo;
    }

    private static IServiceCollection AddPhaseoBatches(this IServiceCollection services)
    {
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IValidateOptions<BatchOptions>, BatchOptionsValidator>();
        services.AddOptions<BatchOptions>().BindConfiguration("Batches").ValidateOnStart();
        services.TryAddSingleton<PhaseoMetrics>();
        services.TryAddSingleton(provider => Observed(provider.GetRequiredService<PhaseoMetrics>(), provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<BatchModelChecks>();
        services.TryAddSingleton<BatchValidation>();
        services.TryAddSingleton<BatchFinisher>();
        services.TryAddSingleton<BatchOutbox>();
        services.TryAddSingleton<BatchServices>();
        services.TryAddSingleton<BatchResults>();
        services.TryAddSingleton<ShardCloser>();
        services.TryAddSingleton<ShardServices>();
        return services;
    }

    private static ActiveBatches Observed(PhaseoMetrics metrics, TimeProvider time)
    {
        var batches = new ActiveBatches(time);
        metrics.Observe(batches);
        return batches;
    }
}
