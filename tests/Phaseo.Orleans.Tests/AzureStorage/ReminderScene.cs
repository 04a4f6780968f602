using Azure.Data.Tables;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Reminders.AzureStorage;
using Orleans.Runtime.ReminderService;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.AzureStorage;

/// <summary>Reminders in a table of their own.</summary>
internal sealed class ReminderScene(AzureAccount account, string table)
{
    public static readonly DateTime Start = new(2026, 11, 24, 3, 7, 41, 572, DateTimeKind.Utc);

    public TableClient Rows { get; } = account.Tables().GetTableClient(table);

    public AzureBasedReminderTable Reminders { get; private set; } = null!;

    public static async Task<ReminderScene> CreateAsync(Azurite azurite, EndlessCalls? calls = null)
    {
        var scene = new ReminderScene(await azurite.AccountAsync(), AzureAccount.NewTable());
        scene.Reminders = await scene.StartAsync("killtest", "k31717", calls);
        return scene;
    }

    /// <summary>The reminders of another service or cluster in the same table.</summary>
    public async Task<AzureBasedReminderTable> StartAsync(string serviceId, string clusterId, EndlessCalls? calls = null)
    {
        var reminders = new AzureBasedReminderTable(
            NullLoggerFactory.Instance,
            Options.Create(new ClusterOptions { ServiceId = serviceId, ClusterId = clusterId }),
            Options.Create(new AzureTableReminderStorageOptions { TableName = Rows.Name, TableServiceClient = account.Tables(calls) }));
        await reminders.StartAsync(TestContext.Current.CancellationToken);
        return reminders;
    }

    public static ReminderEntry Entry(GrainId grain, string name = "r") => new()
    {
        GrainId = grain,
        ReminderName = name,
        StartAt = Start,
        Period = TimeSpan.FromMinutes(1),
    };

    public static ReminderEntry Entry(string key, string name = "r") => Entry(GrainId.Create("ping", key), name);

    public static string[] Keys(ReminderTableData reminders) =>
        [.. reminders.Reminders.Select(reminder => $"{reminder.GrainId.Key}").Order(StringComparer.Ordinal)];
}
