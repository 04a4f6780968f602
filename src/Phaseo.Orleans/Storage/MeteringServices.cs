using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Phaseo.Orleans.Storage;

/// <summary>Puts measuring stores before those of whatever home was chosen.</summary>
public static class MeteringServices
{
    /// <summary>The key under which the home's own stores are.</summary>
    internal const string Inner = "unmeasured";

    /// <summary>Measures what one of Orleans' own providers does, where there is a meter.</summary>
    public static IStorageOutages Metered(this IServiceProvider services, IStorageOutages outages, string operation) =>
        services.GetService<StorageMeter>() is { } meter ? new MeteredOutages(outages, operation, meter) : outages;

    /// <summary>Measures journals and blobs, if the home is registered already.</summary>
    internal static IServiceCollection AddStorageMetering(this IServiceCollection services)
    {
        services.TryAddSingleton<StorageMeter>();
        services.PutBefore<IJournalStore, MeteredJournalStore>();
        services.PutBefore<IBlobStore, MeteredBlobStore>();
        return services;
    }

    // The home's own store stays in the container, under a key: it is the container that disposes of it.
    private static void PutBefore<T, TMeasured>(this IServiceCollection services)
        where T : class
        where TMeasured : class, T
    {
        if (services.LastOrDefault(service => service.ServiceType == typeof(T) && !service.IsKeyedService) is not { } home)
        {
            return;
        }

        services.Remove(home);
        services.Add(home switch
        {
            { ImplementationType: { } type } => new ServiceDescriptor(typeof(T), Inner, type, ServiceLifetime.Singleton),
            { ImplementationInstance: { } instance } => new ServiceDescriptor(typeof(T), Inner, instance),
            _ => new ServiceDescriptor(typeof(T), Inner, (provider, _) => home.ImplementationFactory!(provider), ServiceLifetime.Singleton),
        });
        services.AddSingleton<T, TMeasured>();
    }
}
