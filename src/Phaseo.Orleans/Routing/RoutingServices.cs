using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Phaseo.Orleans.Cluster;
using Phaseo.Orleans.Providers;

namespace Phaseo.Orleans.Routing;

/// <summary>Registers routing: the catalog, the planner and the limiter of one silo.</summary>
public static class RoutingServices
{
    /// <summary>
    /// Adds <see cref="CatalogStore"/>, <see cref="IRoutePlanner"/> and <see cref="IProviderLimiter"/>; needs a blob store.
    /// Options come from section <c>Catalog</c> of the host's configuration. Adding it twice changes nothing.
    /// </summary>
    public static IServiceCollection AddPhaseoRouting(this IServiceCollection services)
    {
        if (services.Any(service => service.ServiceType == typeof(CatalogStore)))
        {
            return services;
        }

        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<CatalogOptions>().BindConfiguration("Catalog").ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<CatalogOptions>, CatalogOptionsValidator>());
        services.AddSingleton<CatalogStore>();
        services.AddSingleton<PriceLists>();
        services.AddHostedService<CatalogWatcher>();
        services.TryAddSingleton(_ => new ProviderKeys());
        services.AddSingleton<IRoutePlanner, RoutePlanner>();
        services.AddMetrics();
        services.TryAddSingleton<PhaseoMetrics>();
        services.AddSingleton<ProviderLimiter>();
        services.TryAddSingleton<SiloDrain>();
        services.AddSingleton<IProviderLimiter>(Metered);
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, LeaseKeeper>();
        return services;
    }

    private static MeteredLimiter Metered(IServiceProvider services)
    {
        var limiter = services.GetRequiredService<ProviderLimiter>();
        var metrics = services.GetRequiredService<PhaseoMetrics>();
        metrics.Observe(limiter);
        return new(limiter, metrics, services.GetRequiredService<TimeProvider>());
    }
}
