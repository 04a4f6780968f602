using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Storage;

/// <summary>Makes an <see cref="AzureBlobGrainStorage"/> from the services of a silo.</summary>
public static class AzureBlobGrainStorageFactory
{
    /// <param name="services">The silo's services.</param>
    /// <param name="name">Name of the provider: its options are those of that name.</param>
    public static AzureBlobGrainStorage Create(IServiceProvider services, string name)
    {
        var options = services.GetRequiredService<IOptionsMonitor<AzureBlobStorageOptions>>().Get(name);
        return ActivatorUtilities.CreateInstance<AzureBlobGrainStorage>(
            services, name, options, options.BuildContainerFactory(services, options));
    }
}
