using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Providers;
using Orleans.Runtime.Hosting;
using Orleans.Storage;

namespace Orleans.Hosting;

/// <summary>Adds grain storage on Azure Tables.</summary>
public static class AzureTableSiloBuilderExtensions
{
    /// <summary>Adds it as the default grain storage.</summary>
    public static ISiloBuilder AddAzureTableGrainStorageAsDefault(
        this ISiloBuilder builder, Action<AzureTableStorageOptions> configureOptions) =>
        builder.AddAzureTableGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, configureOptions);

    /// <summary>Adds it under a name.</summary>
    public static ISiloBuilder AddAzureTableGrainStorage(
        this ISiloBuilder builder, string name, Action<AzureTableStorageOptions> configureOptions) =>
        builder.AddAzureTableGrainStorage(name, options => options.Configure(configureOptions));

    /// <summary>Adds it as the default grain storage.</summary>
    public static ISiloBuilder AddAzureTableGrainStorageAsDefault(
        this ISiloBuilder builder, Action<OptionsBuilder<AzureTableStorageOptions>>? configureOptions = null) =>
        builder.AddAzureTableGrainStorage(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, configureOptions);

    /// <summary>Adds it under a name.</summary>
    public static ISiloBuilder AddAzureTableGrainStorage(
        this ISiloBuilder builder, string name, Action<OptionsBuilder<AzureTableStorageOptions>>? configureOptions = null)
    {
        var services = builder.Services;
        configureOptions?.Invoke(services.AddOptions<AzureTableStorageOptions>(name));
        services.AddTransient<IConfigurationValidator>(provider => new AzureTableGrainStorageOptionsValidator(
            provider.GetRequiredService<IOptionsMonitor<AzureTableStorageOptions>>().Get(name), name));
        services.AddTransient<
            IPostConfigureOptions<AzureTableStorageOptions>,
            DefaultStorageProviderSerializerOptionsConfigurator<AzureTableStorageOptions>>();
        services.ConfigureNamedOptionForLogging<AzureTableStorageOptions>(name);
        services.AddGrainStorage(name, AzureTableGrainStorageFactory.Create);
        return builder;
    }
}
