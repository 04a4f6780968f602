using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Phaseo.Orleans.Providers;

/// <summary>Registers what this folder offers.</summary>
public static class ProviderServices
{
    /// <summary>
    /// Adds <see cref="IUpstreams"/> and <see cref="ProviderKeys"/>. A <see cref="ProviderKeys"/> or
    /// <see cref="TimeProvider"/> that is there already stays.
    /// </summary>
    public static IServiceCollection AddPhaseoProviders(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(_ => new ProviderKeys());
        services.TryAddSingleton<IUpstreams, Upstreams>();
        return services;
    }
}
