using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Phaseo.Orleans.Files.Purging;

/// <summary>Registers the purging of files.</summary>
public static class PurgeServices
{
    /// <summary>Purges deleted, expired and orphaned files. Needs the stores.</summary>
    public static IServiceCollection AddPhaseoPurging(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<DeadFilePass>();
        services.TryAddSingleton<OrphanPass>();
        services.TryAddSingleton<IValidateOptions<PurgeOptions>, PurgeOptionsValidator>();
        services.AddOptions<PurgeOptions>().BindConfiguration("Purge").ValidateOnStart();
        services.AddHostedService<FilePurger>();
        return services;
    }
}
