using Microsoft.Extensions.Configuration;
using Orleans.Providers;
using Orleans.Storage;
using Phaseo.Orleans.AzureStorage.Configuration;
using Phaseo.Orleans.AzureStorage.Tables;

[assembly: RegisterProvider("AzureTableStorage", "GrainStorage", "Silo", typeof(AzureTableGrainStorageProviderBuilder))]
[assembly: RegisterProvider("AzureBlobStorage", "GrainStorage", "Silo", typeof(AzureBlobGrainStorageProviderBuilder))]

namespace Phaseo.Orleans.AzureStorage.Configuration;

/// <summary>Adds grain storage on Azure Tables from <c>Orleans:GrainStorage:{name}</c>.</summary>
internal sealed class AzureTableGrainStorageProviderBuilder : IProviderBuilder<ISiloBuilder>
{
    public void Configure(ISiloBuilder builder, string? name, IConfigurationSection configurationSection) =>
        builder.AddAzureTableGrainStorage(name!, options => options.Configure<IServiceProvider>((table, services) =>
        {
            configurationSection.ApplyTo((TableStorageOptions)table, services);
            configurationSection.ApplyTo((IStorageProviderSerializerOptions)table, services);
        }));
}

/// <summary>Adds grain storage on Azure Blobs from <c>Orleans:GrainStorage:{name}</c>.</summary>
internal sealed class AzureBlobGrainStorageProviderBuilder : IProviderBuilder<ISiloBuilder>
{
    public void Configure(ISiloBuilder builder, string? name, IConfigurationSection configurationSection) =>
        builder.AddAzureBlobGrainStorage(name!, options => options.Configure<IServiceProvider>((blobs, services) =>
        {
            configurationSection.ApplyTo(blobs, services);
            configurationSection.ApplyTo((IStorageProviderSerializerOptions)blobs, services);
        }));
}
