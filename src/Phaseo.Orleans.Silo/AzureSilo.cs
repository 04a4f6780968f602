using System.Net;
using Orleans.Configuration;
using Orleans.Runtime.Hosting;
using Orleans.Serialization;
using Orleans.Storage;
using Phaseo.Orleans.AzureStores;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Silo;

/// <summary>Makes a silo one of a cluster that lives on an Azure Storage account.</summary>
internal static class AzureSilo
{
    private const string Tables = "phaseo-azure-tables";

    /// <summary>Membership, grain state, reminders and the product's stores, all in the account.</summary>
    public static void UseAzure(this ISiloBuilder silo, SiloOptions options, int siloPort)
    {
        var account = StorageAccount.Parse(options.Connection);
        silo.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (options.ClusterId!, options.ServiceId!));
        silo.UseEndpoints(options, account, siloPort);
        silo.UseMembership(account, options.StoragePrefix!);
        silo.UseGrainState(account, options.StoragePrefix!);
        silo.UseReminders(account, options.StoragePrefix!);
        silo.Services.AddAzureStores(stores =>
        {
            (stores.Blobs, stores.Tables) = (account.Blobs, account.Tables);
            stores.Prefix = options.StoragePrefix!;
        });
    }

    private static void UseEndpoints(this ISiloBuilder silo, SiloOptions options, StorageAccount account, int siloPort)
    {
        var address = options.Address is { } given ? IPAddress.Parse(given) : account.IsLocal ? IPAddress.Loopback : null;
        if (address is null)
        {
            silo.ConfigureEndpoints(siloPort, options.GatewayPort!.Value, listenOnAnyHostAddress: true);
        }
        else
        {
            silo.ConfigureEndpoints(address, siloPort, options.GatewayPort!.Value, listenOnAnyHostAddress: !IPAddress.IsLoopback(address));
        }
    }

    private static void UseMembership(this ISiloBuilder silo, StorageAccount account, string prefix)
    {
        silo.UseAzureStorageClustering(clustering =>
        {
            clustering.TableServiceClient = account.Tables;
            clustering.TableName = prefix + "Silos";
        });
        silo.Configure<ClusterMembershipOptions>(membership =>
        {
            // Three missed probes of two seconds: well inside the 30 s in which another silo must have taken
            // over, and far above any pause of a process that is merely busy.
            membership.ProbeTimeout = TimeSpan.FromSeconds(2);
            membership.NumMissedProbesLimit = 3;

            // Nobody votes for a death before so many of the longest probes have passed since the last message of the
            // silo. By default they are four times as long, and a silo that freezes has its work back after 28 s.
            membership.MaxProbeTimeout = TimeSpan.FromSeconds(3);

            // After a crash of all, entries that nobody refreshes are not waited for longer than this.
            membership.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
            membership.NumMissedTableIAmAliveLimit = 3;
        });
    }

    private static void UseGrainState(this ISiloBuilder silo, StorageAccount account, string prefix)
    {
        silo.Services.AddSingleton<SystemTextJsonGrainStorageSerializer>();
        silo.Services.Configure<SystemTextJsonGrainStorageSerializerOptions>(
            serializer => GrainStateJson.Apply(serializer.JsonSerializerOptions));
        silo.AddAzureTableGrainStorage(Tables, storage => storage
            .Configure<SystemTextJsonGrainStorageSerializer>((table, serializer) =>
            {
                table.TableServiceClient = account.Tables;
                table.TableName = prefix + "GrainState";
                table.GrainStorageSerializer = serializer;
                table.DeleteStateOnClear = true;
            }));
        silo.Services.AddGrainStorage(
            GrainStorageNames.Phaseo,
            (services, _) => new GuardedGrainStorage(
                services.GetRequiredKeyedService<IGrainStorage>(Tables), services.Metered(new AzureOutages(), MeteredOutages.GrainState)));
    }

    private static void UseReminders(this ISiloBuilder silo, StorageAccount account, string prefix)
    {
        silo.UseAzureTableReminderService(reminders =>
        {
            reminders.TableServiceClient = account.Tables;
            reminders.TableName = prefix + "Reminders";
        });

        // The table is taken out of the registration to be put behind ours.
        var azure = silo.Services.Last(service => service.ServiceType == typeof(IReminderTable));
        silo.Services.Remove(azure);
        silo.Services.AddSingleton<IReminderTable>(services => new GuardedReminderTable(
            (IReminderTable)ActivatorUtilities.CreateInstance(services, azure.ImplementationType!),
            services.Metered(new AzureOutages(), MeteredOutages.Reminders)));
    }
}
