using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Configuration.Overrides;

namespace Orleans.Storage;

/// <summary>Makes an <see cref="AzureTableGrainStorage"/> from the services of a silo.</summary>
public static class AzureTableGrainStorageFactory
{
    /// <param name="services">The silo's services.</param>
    /// <param name="name">Name of the provider: its options and its cluster options are those of that name.</param>
    public static AzureTableGrainStorage Create(IServiceProvider services, string name) =>
        ActivatorUtilities.CreateInstance<AzureTableGrainStorage>(
            services,
            name,
            services.GetRequiredService<IOptionsMonitor<AzureTableStorageOptions>>().Get(name),
            services.GetProviderClusterOptions(name));
}
