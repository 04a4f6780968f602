using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Providers;
using Orleans.Runtime.Hosting;
using Orleans.Storage;

namespace Orleans.Hosting;

/// <summary>Adds grain storage on Azure Blobs.</summary>
public static class AzureBlobGrainStorageServiceCollectionExtensions
{
    /// <summary>Adds it as the default grain storage.</summary>
    public static IServiceCollection AddAzureBlobGrainStorageAsDefault(
        this IServiceCollection services, Action<AzureBlobStorageOptions> configureOptions) =>
        services.AddAzureBlobGrainStorageAsDefault(options => options.Configure(configureOptions));

    /// <summary>Adds it under a name.</summary>
    public static IServiceCollection AddAzureBlobGrainStorage(
        this IServiceCollection services, string name, Action<AzureBlobStorageOptions> configureOptions) =>
        services.AddAzureBlobGrainStorage(name, options => options.Configure(configureOptions));

    /// <summary>Adds it as the default grain storage.</summary>
    public static IServiceCollection AddAzureBlobGrainStorageAsDefault(
        this IServiceCollection services, Action<OptionsBuilder<AzureBlobStorageOptions>>? configureOptions = null) =>
        services.AddAzureBlobGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, configureOptions);

    /// <summary>Adds it under a name.</summary>
    public static IServiceCollection AddAzureBlobGrainStorage(
        this IServiceCollection services, string name, Action<OptionsBuilder<AzureBlobStorageOptions>>? configureOptions = null)
    {
        configureOptions?.Invoke(services.AddOptions<AzureBlobStorageOptions>(name));
        services.AddTransient<IConfigurationValidator>(provider => new AzureBlobStorageOptionsValidator(
            provider.GetRequiredService<IOptionsMonitor<AzureBlobStorageOptions>>().Get(name), name));
        services.AddTransient<
            IPostConfigureOptions<AzureBlobStorageOptions>,
            DefaultStorageProviderSerializerOptionsConfigurator<AzureBlobStorageOptions>>();
        services.ConfigureNamedOptionForLogging<AzureBlobStorageOptions>(name);
        services.AddGrainStorage(name, AzureBlobGrainStorageFactory.Create);
        return services;
    }
}
