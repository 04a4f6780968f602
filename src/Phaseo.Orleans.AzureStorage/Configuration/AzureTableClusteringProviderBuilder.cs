using Microsoft.Extensions.Configuration;
using Orleans.Providers;
using Phaseo.Orleans.AzureStorage.Configuration;

[assembly: RegisterProvider("AzureTableStorage", "Clustering", "Silo", typeof(AzureTableClusteringProviderBuilder))]
[assembly: RegisterProvider("AzureTableStorage", "Clustering", "Client", typeof(AzureTableClusteringProviderBuilder))]

namespace Phaseo.Orleans.AzureStorage.Configuration;

/// <summary>Has a silo or a client find its cluster by a table in Azure, from <c>Orleans:Clustering</c>.</summary>
internal sealed class AzureTableClusteringProviderBuilder : IProviderBuilder<ISiloBuilder>, IProviderBuilder<IClientBuilder>
{
    public void Configure(ISiloBuilder builder, string? name, IConfigurationSection configurationSection) =>
        builder.UseAzureStorageClustering(options => options.Configure<IServiceProvider>((table, services) =>
            configurationSection.ApplyTo(table, services)));

    public void Configure(IClientBuilder builder, string? name, IConfigurationSection configurationSection) =>
        builder.UseAzureStorageClustering(options => options.Configure<IServiceProvider>((table, services) =>
            configurationSection.ApplyTo(table, services)));
}
