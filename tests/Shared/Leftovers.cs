using System.Collections.Immutable;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Phaseo.Orleans.Embedded;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Testing;

/// <summary>
/// Looks into a data folder from outside: while its process runs, read-only and without asking that process anything;
/// after it has stopped, through the stores.
/// </summary>
internal static class Leftovers
{
    /// <summary>Whether neither an open row nor a reminder is left.</summary>
    public static bool IsQuiet(string dataFolder) =>
        Count(dataFolder, "open_batches") == 0 && Count(dataFolder, "OrleansRemindersTable") == 0;

    /// <summary>What is left of a batch that must be gone (I9). The folder's process has stopped.</summary>
    public static async Task<ImmutableArray<Violation>> FindAsync(
        string dataFolder, string workspace, string batchId, string inputFileId, int shards, CancellationToken cancellation)
    {
        await using var services = new ServiceCollection().AddEmbeddedStores(dataFolder).BuildServiceProvider();
        var remains = new Remains(
            services.GetRequiredService<IOpenBatches>(),
            services.GetRequiredService<IFileReferences>(),
            services.GetRequiredService<IJournalStore>(),
            services.GetRequiredService<IBlobStore>(),
            reminders: null);
        var found = await remains.FindAsync(workspace, batchId, inputFileId, shards, cancellation);
        var reminders = Count(dataFolder, "OrleansRemindersTable");
        return reminders == 0 ? found : found.Add(new Violation("I9", batchId, $"{reminders} reminders are there."));
    }

    private static long Count(string dataFolder, string table)
    {
        var source = new SqliteConnectionStringBuilder
        {
            DataSource = Path.Combine(dataFolder, "phaseo.db"),
            Mode = SqliteOpenMode.ReadOnly,
            Pooling = false,
        };
        using var connection = new SqliteConnection(source.ConnectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT count(*) FROM {table}";
        return (long)command.ExecuteScalar()!;
    }
}
