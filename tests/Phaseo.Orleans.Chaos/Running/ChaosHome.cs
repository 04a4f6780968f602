using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Phaseo.Orleans.AzureStores;
using Phaseo.Orleans.Silo.Http;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.Chaos.Running;

/// <summary>Where the silos of a run keep everything: what they are told of it, and what can be seen in it from outside.</summary>
internal abstract class ChaosHome : IAsyncDisposable
{
    /// <summary>How a silo is told.</summary>
    public abstract IEnumerable<string> Settings { get; }

    /// <summary>Whether no batch and no reminder is left over, without a word to any silo.</summary>
    public abstract Task<bool> IsQuietAsync(CancellationToken cancellation);

    /// <summary>What is left of a batch that must be gone (I9).</summary>
    public abstract Task<ImmutableArray<Violation>> FindRemainsAsync(string batchId, string fileId, int shards, CancellationToken cancellation);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}

/// <summary>A data folder, for one silo. What is left is looked for when that has stopped.</summary>
internal sealed class FolderHome(string folder) : ChaosHome
{
    public override IEnumerable<string> Settings => [$"--Phaseo:DataFolder={folder}"];

    public override Task<bool> IsQuietAsync(CancellationToken cancellation) => Task.FromResult(Leftovers.IsQuiet(folder));

    public override Task<ImmutableArray<Violation>> FindRemainsAsync(string batchId, string fileId, int shards, CancellationToken cancellation) =>
        Leftovers.FindAsync(folder, ApiKeys.DefaultWorkspace, batchId, fileId, shards, cancellation);

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>Names of their own in a storage account.</summary>
internal sealed class AccountHome : ChaosHome
{
    private readonly string _connection;
    private readonly string _prefix = $"c{Guid.NewGuid():N}";
    private readonly ServiceProvider _stores;
    private readonly Azure.Data.Tables.TableServiceClient _tables;

    public AccountHome(string connection)
    {
        _connection = connection;
        _tables = new(connection);
        _stores = new ServiceCollection()
            .AddAzureStores(options => (options.Blobs, options.Tables, options.Prefix) = (new(connection), _tables, _prefix))
            .BuildServiceProvider();
    }

    public override IEnumerable<string> Settings =>
    [
        "--Phaseo:Storage=azure",
        $"--Phaseo:Connection={_connection}",
        $"--Phaseo:StoragePrefix={_prefix}",
        $"--Phaseo:ClusterId={_prefix}",
        $"--Phaseo:ServiceId={_prefix}",
    ];

    public override async Task<bool> IsQuietAsync(CancellationToken cancellation)
    {
        var reminders = _tables.GetTableClient(_prefix + "Reminders");
        return !await _stores.GetRequiredService<IOpenBatches>().ListAsync(null, cancellation).AnyAsync(cancellation)
            && !await reminders.QueryAsync<Azure.Data.Tables.TableEntity>(cancellationToken: cancellation).AnyAsync(cancellation);
    }

    public override async Task<ImmutableArray<Violation>> FindRemainsAsync(string batchId, string fileId, int shards, CancellationToken cancellation) =>
        await new Remains(
            _stores.GetRequiredService<IOpenBatches>(),
            _stores.GetRequiredService<IFileReferences>(),
            _stores.GetRequiredService<IJournalStore>(),
            _stores.GetRequiredService<IBlobStore>(),
            reminders: null).FindAsync(ApiKeys.DefaultWorkspace, batchId, fileId, shards, cancellation);

    public override ValueTask DisposeAsync() => _stores.DisposeAsync();
}
