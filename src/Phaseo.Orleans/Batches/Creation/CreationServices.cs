using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Phaseo.Orleans.Batches.Reading;

namespace Phaseo.Orleans.Batches.Creation;

/// <summary>Registers what surrounds the batch grain.</summary>
public static class CreationServices
{
    /// <summary>Creating, reading and listing of batches. Needs the stores, a clock and a grain factory.</summary>
    public static IServiceCollection AddPhaseoCreation(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<BatchCreator>();
        services.TryAddSingleton<BatchReader>();
        return services;
    }
}
