using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Phaseo.Orleans.Batches.Driving;
using Phaseo.Orleans.Batches.Reading;
using Phaseo.Orleans.Files;

namespace Phaseo.Orleans.Batches.Creation;

/// <summary>Registers what surrounds the batch grain.</summary>
public static class CreationServices
{
    /// <summary>Creating, reading, listing and driving of batches, in a silo. Needs the stores.</summary>
    public static IServiceCollection AddPhaseoCreation(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<BatchCreator>();
        services.TryAddSingleton<BatchReader>();
        services.TryAddSingleton<FileCreator>();
        services.TryAddSingleton<Leftovers>();
        services.TryAddSingleton<HashRange>();
        services.TryAddSingleton<OpenBatchPass>();
        services.TryAddSingleton<ReferencePass>();
        services.TryAddSingleton<IndexPass>();
        services.TryAddSingleton<IValidateOptions<DriverOptions>, DriverOptionsValidator>();
        services.AddOptions<DriverOptions>().BindConfiguration("Driver").ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ILifecycleParticipant<ISiloLifecycle>, BatchDriver>());
        return services;
    }
}
