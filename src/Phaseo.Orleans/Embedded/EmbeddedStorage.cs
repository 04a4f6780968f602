using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime.Hosting;
using Orleans.Serialization;
using Orleans.Storage;
using Phaseo.Orleans.Embedded.Sqlite;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Embedded;

/// <summary>The embedded home: everything in one data folder, owned by one process.</summary>
public static class EmbeddedStorage
{
    // Orleans knows SQLite by this name; the connections are Microsoft.Data.Sqlite's all the same.
    private const string Invariant = "System.Data.SQLite";
    private const string AdoNet = "phaseo-sqlite";

    /// <summary>Keeps grain state, reminders and all stores of the product in <paramref name="dataFolder"/>.</summary>
    /// <exception cref="DataFolderInUseException">On start: another process uses the folder.</exception>
    public static ISiloBuilder UseEmbeddedStorage(this ISiloBuilder silo, string dataFolder)
    {
        silo.Services.AddEmbeddedStores(dataFolder);
        silo.Services.AddSingleton<GatedSqliteDataSource>();
        silo.AddGrainState();
        silo.AddReminderTable();
        return silo;
    }

    /// <summary>Registers the stores alone, without Orleans.</summary>
    public static IServiceCollection AddEmbeddedStores(this IServiceCollection services, string dataFolder)
    {
        services.AddLogging();
        services.AddSingleton(_ => new DataFolder(dataFolder));
        services.AddSingleton<IoThreads>();
        services.AddSingleton<SqliteDatabase>();
        services.AddSingleton<IBlobStore, DiskBlobStore>();
        services.AddSingleton<IJournalStore, DiskJournalStore>();
        services.AddSingleton<IBatchIndex, SqliteBatchIndex>();
        services.AddSingleton<IOpenBatches, SqliteOpenBatches>();
        services.AddSingleton<IFileRecords, SqliteFileRecords>();
        services.AddSingleton<IFileReferences, SqliteFileReferences>();
        services.AddSingleton<IClaimRows, SqliteClaimRows>();
        return services;
    }

    private static void AddGrainState(this ISiloBuilder silo)
    {
        silo.Services.AddSingleton<SystemTextJsonGrainStorageSerializer>();
        silo.Services.Configure<SystemTextJsonGrainStorageSerializerOptions>(
            options => GrainStateJson.Apply(options.JsonSerializerOptions));
        silo.AddAdoNetGrainStorage(AdoNet, storage => storage
            .Configure<GatedSqliteDataSource, SystemTextJsonGrainStorageSerializer>((options, source, serializer) =>
            {
                options.Invariant = Invariant;
                options.DataSource = source;
                options.GrainStorageSerializer = serializer;
                options.DeleteStateOnClear = true;
            }));
        silo.Services.AddGrainStorage(
            GrainStorageNames.Phaseo,
            (services, _) => new GuardedGrainStorage(
                services.GetRequiredKeyedService<IGrainStorage>(AdoNet), services.Metered(new SqliteOutages(), MeteredOutages.GrainState)));
    }

    private static void AddReminderTable(this ISiloBuilder silo)
    {
        silo.UseAdoNetReminderService(reminders => reminders
            .Configure<GatedSqliteDataSource>((options, source) =>
            {
                options.Invariant = Invariant;
                options.DataSource = source;
            }));

        // Orleans' table is internal: it is taken out of the registration to be put behind ours.
        var adoNet = silo.Services.Last(service => service.ServiceType == typeof(IReminderTable));
        silo.Services.Remove(adoNet);
        silo.Services.AddSingleton<IReminderTable>(services => new GuardedReminderTable(
            (IReminderTable)ActivatorUtilities.CreateInstance(services, adoNet.ImplementationType!),
            services.Metered(new SqliteOutages(), MeteredOutages.Reminders)));
    }
}
