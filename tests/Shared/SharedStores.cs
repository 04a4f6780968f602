using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Phaseo.Orleans.Embedded;
using Phaseo.Orleans.Embedded.Sqlite;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Testing;

/// <summary>
/// The embedded stores of one folder for all silos of this process. The folder belongs to one process, and so do the
/// journals' writers; silos of a test cluster are one process, so they may share them.
/// </summary>
internal sealed class SharedStores(string folder) : IAsyncDisposable
{
    private static readonly Type[] Shared =
    [
        typeof(DataFolder), typeof(IoThreads), typeof(SqliteDatabase), typeof(GatedSqliteDataSource), typeof(IBlobStore),
        typeof(IJournalStore), typeof(IBatchIndex), typeof(IOpenBatches), typeof(IFileRecords), typeof(IFileReferences),
        typeof(IClaimRows),
    ];

    private readonly ServiceProvider _stores = new ServiceCollection()
        .AddEmbeddedStores(folder)
        .AddSingleton<GatedSqliteDataSource>()
        .BuildServiceProvider();

    /// <summary>Has a silo use them.</summary>
    public void Use(ISiloBuilder silo)
    {
        silo.UseEmbeddedStorage(folder);
        foreach (var type in Shared)
        {
            // An instance is not disposed with the silo's container.
            silo.Services.Replace(ServiceDescriptor.Singleton(type, _stores.GetRequiredService(type)));
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _stores.DisposeAsync();
}
