using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.AzureUtils;
using Orleans.Clustering.AzureStorage;
using Orleans.Configuration;
using Orleans.Messaging;
using Orleans.Runtime.MembershipService;

namespace Orleans.Hosting;

/// <summary>Has silos and clients find their cluster by a table in Azure.</summary>
public static class AzureTableClusteringExtensions
{
    public static ISiloBuilder UseAzureStorageClustering(
        this ISiloBuilder builder, Action<AzureStorageClusteringOptions> configureOptions) =>
        builder.UseAzureStorageClustering(options => options.Configure(configureOptions));

    public static ISiloBuilder UseAzureStorageClustering(
        this ISiloBuilder builder, Action<OptionsBuilder<AzureStorageClusteringOptions>> configureOptions)
    {
        configureOptions(builder.Services.AddOptions<AzureStorageClusteringOptions>());
        builder.Services
            .AddSingleton<IMembershipTable, AzureBasedMembershipTable>()
            .AddTransient<IConfigurationValidator>(provider => new AzureStorageClusteringOptionsValidator(
                provider.GetRequiredService<IOptions<AzureStorageClusteringOptions>>().Value, Options.DefaultName))
            .ConfigureFormatter<AzureStorageClusteringOptions>();
        return builder;
    }

    public static IClientBuilder UseAzureStorageClustering(
        this IClientBuilder builder, Action<AzureStorageGatewayOptions> configureOptions) =>
        builder.UseAzureStorageClustering(options => options.Configure(configureOptions));

    public static IClientBuilder UseAzureStorageClustering(
        this IClientBuilder builder, Action<OptionsBuilder<AzureStorageGatewayOptions>> configureOptions)
    {
        configureOptions(builder.Services.AddOptions<AzureStorageGatewayOptions>());
        builder.Services
            .AddSingleton<IGatewayListProvider, AzureGatewayListProvider>()
            .AddTransient<IConfigurationValidator>(provider => new AzureStorageGatewayOptionsValidator(
                provider.GetRequiredService<IOptions<AzureStorageGatewayOptions>>().Value, Options.DefaultName))
            .ConfigureFormatter<AzureStorageGatewayOptions>();
        return builder;
    }
}
