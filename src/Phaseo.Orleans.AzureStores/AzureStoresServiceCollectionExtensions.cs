using Microsoft.Extensions.DependencyInjection;
using Phaseo.Orleans.AzureStores.Blobs;
using Phaseo.Orleans.AzureStores.Tables;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.AzureStores;

/// <summary>The home of the product's stores in an Azure Storage account, for any number of silos.</summary>
public static class AzureStoresServiceCollectionExtensions
{
    /// <summary>Registers the stores.</summary>
    public static IServiceCollection AddAzureStores(this IServiceCollection services, Action<AzureStoresOptions> configure)
    {
        services.AddOptions<AzureStoresOptions>()
            .Configure(configure)
            .Validate(options => options is { Blobs: not null, Tables: not null }, "Blobs and Tables must be set.")
            .Validate(options => AzureStoresOptions.IsPrefix(options.Prefix), "Prefix: 3 to 40 lower-case letters and digits, a letter first.");
        services.AddSingleton<AzureHome>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => provider.GetRequiredService<AzureHome>());
        services.AddSingleton<IBlobStore, AzureBlobStore>();
        services.AddSingleton<IJournalStore, AzureJournalStore>();
        services.AddSingleton<IBatchIndex, AzureBatchIndex>();
        services.AddSingleton<IOpenBatches, AzureOpenBatches>();
        services.AddSingleton<IFileRecords, AzureFileRecords>();
        services.AddSingleton<IFileReferences, AzureFileReferences>();
        services.AddSingleton<IClaimRows, AzureClaimRows>();
        return services;
    }

    /// <summary>Makes the containers and tables that are not there; for a process without a silo, which does it by itself.</summary>
    /// <exception cref="StorageUnavailableException">The account does not answer.</exception>
    public static Task PrepareAzureStoresAsync(this IServiceProvider services, CancellationToken cancellation) =>
        services.GetRequiredService<AzureHome>().PrepareAsync(cancellation);
}
