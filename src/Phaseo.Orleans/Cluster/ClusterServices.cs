using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Placement;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace Phaseo.Orleans.Cluster;

/// <summary>Registers a silo's part in its cluster: its role, and how it leaves.</summary>
internal static class ClusterServices
{
    /// <summary>Adds them.</summary>
    public static ISiloBuilder AddPhaseoCluster(this ISiloBuilder silo, SiloRole role)
    {
        silo.UseSiloMetadata(new Dictionary<string, string> { [SiloRoles.MetadataKey] = role.ToWord() });
        var services = silo.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(new LocalRole(role));
        services.TryAddSingleton<SiloRoles>();
        services.AddPlacementFilter<PreferWorkersStrategy, PreferWorkersDirector>(ServiceLifetime.Singleton);
        services.TryAddSingleton<IValidateOptions<DrainOptions>, DrainOptionsValidator>();
        services.AddOptions<DrainOptions>().BindConfiguration("Drain").ValidateOnStart();
        services.TryAddSingleton<SiloDrain>();
        services.AddHostedService<DrainService>();
        services.AddOptions<HostOptions>().Configure<IOptions<DrainOptions>>((host, drain) => host.ShutdownTimeout = drain.Value.Total);
        return silo;
    }
}
