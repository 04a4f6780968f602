using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Hosting;

/// <summary>Adds grain storage on Azure Blobs.</summary>
public static class AzureBlobSiloBuilderExtensions
{
    /// <summary>Adds it as the default grain storage.</summary>
    public static ISiloBuilder AddAzureBlobGrainStorageAsDefault(
        this ISiloBuilder builder, Action<AzureBlobStorageOptions> configureOptions)
    {
        builder.Services.AddAzureBlobGrainStorageAsDefault(configureOptions);
        return builder;
    }

    /// <summary>Adds it under a name.</summary>
    public static ISiloBuilder AddAzureBlobGrainStorage(
        this ISiloBuilder builder, string name, Action<AzureBlobStorageOptions> configureOptions)
    {
        builder.Services.AddAzureBlobGrainStorage(name, configureOptions);
        return builder;
    }

    /// <summary>Adds it as the default grain storage.</summary>
    public static ISiloBuilder AddAzureBlobGrainStorageAsDefault(
        this ISiloBuilder builder, Action<OptionsBuilder<AzureBlobStorageOptions>>? configureOptions = null)
    {
        builder.Services.AddAzureBlobGrainStorageAsDefault(configureOptions);
        return builder;
    }

    /// <summary>Adds it under a name.</summary>
    public static ISiloBuilder AddAzureBlobGrainStorage(
        this ISiloBuilder builder, string name, Action<OptionsBuilder<AzureBlobStorageOptions>>? configureOptions = null)
    {
        builder.Services.AddAzureBlobGrainStorage(name, configureOptions);
        return builder;
    }
}
