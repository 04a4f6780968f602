using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Options;

namespace Phaseo.Orleans.AzureStores;

/// <summary>The containers and tables. A silo makes those that are not there before it starts anything else.</summary>
internal sealed class AzureHome(IOptions<AzureStoresOptions> options) : ILifecycleParticipant<ISiloLifecycle>
{
    /// <summary>Files and their parts.</summary>
    public BlobContainerClient Files { get; } = Container(options.Value, "files");

    /// <summary>Journals. A container of their own, so that a rule of the account may treat them apart.</summary>
    public BlobContainerClient Journals { get; } = Container(options.Value, "journals");

    /// <summary>The batch index.</summary>
    public TableClient Index { get; } = Table(options.Value, "Index");

    /// <summary>Open batches.</summary>
    public TableClient Open { get; } = Table(options.Value, "Open");

    /// <summary>File records.</summary>
    public TableClient Records { get; } = Table(options.Value, "Files");

    /// <summary>File references.</summary>
    public TableClient References { get; } = Table(options.Value, "References");

    /// <summary>Idempotency claims.</summary>
    public TableClient Claims { get; } = Table(options.Value, "Claims");

    /// <summary>Makes what is not there.</summary>
    public Task PrepareAsync(CancellationToken cancellation) => AzureCalls.RunAsync("prepare", async () =>
    {
        foreach (var container in new[] { Files, Journals })
        {
            await container.CreateIfNotExistsAsync(cancellationToken: cancellation).ConfigureAwait(false);
        }

        foreach (var table in new[] { Index, Open, Records, References, Claims })
        {
            await table.CreateIfNotExistsAsync(cancellation).ConfigureAwait(false);
        }

        return true;
    });

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe(nameof(AzureHome), ServiceLifecycleStage.RuntimeInitialize, PrepareAsync);

    private static BlobContainerClient Container(AzureStoresOptions options, string name) =>
        options.Blobs.GetBlobContainerClient($"{options.Prefix}-{name}");

    private static TableClient Table(AzureStoresOptions options, string name) =>
        options.Tables.GetTableClient(options.Prefix + name);
}
