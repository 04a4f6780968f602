using Microsoft.Extensions.DependencyInjection;
using Phaseo.Orleans.AzureStores.Blobs;
using Phaseo.Orleans.AzureStores.Tables;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.AzureStores;

/// <summary>The home of the product's stores in an Azure Storage account, for any number of silos.</summary>
public static class AzureStores
{
    /// <summary>Registers the stores.</summary>
    public static IServiceCollection AddAzureStores(this IServiceCollection services, Action<AzureStoresOptions> configure)
    {
        services.AddOptions<AzureStoresOptions>()
            .Configure(configure)
            .Validate(options => options is { Blobs: not null, Tables: not null }, "Blobs and Tables must be set.")
            .Validate(options => IsPrefix(options.Prefix), "Prefix: 3 to 40 lower-case letters and digits, a letter first.");
        services.AddSingleton<AzureHome>();
        services.AddSingleton<IBlobStore, AzureBlobStore>();
        services.AddSingleton<IJournalStore, AzureJournalStore>();
        services.AddSingleton<IBatchIndex, AzureBatchIndex>();
        services.AddSingleton<IOpenBatches, AzureOpenBatches>();
        services.AddSingleton<IFileRecords, AzureFileRecords>();
        services.AddSingleton<IFileReferences, AzureFileReferences>();
        services.AddSingleton<IClaimRows, AzureClaimRows>();
        return services;
    }

    /// <summary>Makes the containers and tables that are not there. Before anything else, in every process.</summary>
    /// <exception cref="StorageUnavailableException">The account does not answer.</exception>
    public static Task PrepareAzureStoresAsync(this IServiceProvider services, CancellationToken cancellation) =>
        services.GetRequiredService<AzureHome>().PrepareAsync(cancellation);

    private static bool IsPrefix(string prefix) =>
        prefix.Length is >= 3 and <= 40 && char.IsAsciiLetterLower(prefix[0]) && prefix.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c));
}
