using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Azure.Data.Tables;
using Phaseo.Orleans.AzureStorage.Tables;

namespace Orleans.Runtime.ReminderService;

/// <summary>
/// How reminders of one service lie in a table: the partition is the hash of the grain, so that a silo reads the range of
/// the ring that it is in charge of; the row is the grain and the reminder's name. All columns are text.
/// </summary>
/// <param name="serviceId">Whose reminders. Rows of other services in the table are not seen.</param>
/// <param name="clusterId">Who wrote a row. For people, and for a test that cleans up.</param>
internal sealed class ReminderRows(string serviceId, string clusterId)
{
    private const string GrainReference = "GrainReference";
    private const string ReminderName = "ReminderName";
    private const string ServiceId = "ServiceId";
    private const string DeploymentId = "DeploymentId";
    private const string StartAt = "StartAt";
    private const string Period = "Period";
    private const string Hash = "GrainRefConsistentHash";

    public string PartitionKey(GrainId grain) => PartitionKey(grain.GetUniformHashCode());

    public static string RowKey(GrainId grain, string name) => TableKeys.Sanitize($"{grain}-{name}");

    /// <summary>
    /// The queries whose answers together are the hashes in (begin, end], going round the ring where begin is not the
    /// smaller one; the whole ring if they are equal. Each is one range of partitions: a query with "or" would have the
    /// service look through the whole table.
    /// </summary>
    public IEnumerable<string> FiltersOfRange(uint begin, uint end)
    {
        var first = TableKeys.Sanitize($"{serviceId}_");
        var afterLast = TableKeys.Sanitize($"{serviceId}`"); // The character after the underscore.
        if (begin < end)
        {
            yield return Between($"gt {Text(PartitionKey(begin))}", $"le {Text(PartitionKey(end))}");
        }
        else if (begin == end)
        {
            yield return Between($"gt {Text(first)}", $"lt {Text(afterLast)}");
        }
        else
        {
            yield return Between($"gt {Text(PartitionKey(begin))}", $"lt {Text(afterLast)}");
            yield return Between($"gt {Text(first)}", $"le {Text(PartitionKey(end))}");
        }

        static string Between(string low, string high) => $"PartitionKey {low} and PartitionKey {high}";
    }

    public string FilterOfGrain(GrainId grain)
    {
        var row = TableKeys.Sanitize(grain.ToString());
        return $"PartitionKey eq {Text(PartitionKey(grain))} and RowKey gt {Text(row + "-")} and RowKey le {Text(row + ".")}";
    }

    public TableEntity Write(ReminderEntry entry) => new(PartitionKey(entry.GrainId), RowKey(entry.GrainId, entry.ReminderName))
    {
        [GrainReference] = entry.GrainId.ToString(),
        [ReminderName] = entry.ReminderName,
        [ServiceId] = serviceId,
        [DeploymentId] = clusterId,
        [StartAt] = LogFormatter.PrintDate(entry.StartAt),
        [Period] = entry.Period.ToString(),
        [Hash] = entry.GrainId.GetUniformHashCode().ToString("X8", CultureInfo.InvariantCulture),
    };

    /// <summary>The reminder in a row. False if it is another service's, or none that can be understood.</summary>
    public bool TryRead(TableEntity row, [NotNullWhen(true)] out ReminderEntry? entry)
    {
        entry = null;
        if (!IsOurs(row)
            || row.GetString(ReminderName) is not { } name
            || !GrainId.TryParse(row.GetString(GrainReference), out var grain)
            || !TryParseDate(row.GetString(StartAt), out var startAt)
            || !TimeSpan.TryParse(row.GetString(Period), CultureInfo.InvariantCulture, out var period))
        {
            return false;
        }

        entry = new ReminderEntry
        {
            GrainId = grain,
            ReminderName = name,
            StartAt = startAt,
            Period = period,
            ETag = row.ETag.ToString(),
        };
        return true;
    }

    /// <summary>Whether a row is of this service.</summary>
    public bool IsOurs(TableEntity row) => row.TryGetValue(ServiceId, out var service) && service as string == serviceId;

    /// <summary>Whether a row is of this service and was written by this cluster.</summary>
    public bool IsOfThisCluster(TableEntity row) => IsOurs(row) && row.GetString(DeploymentId) == clusterId;

    private string PartitionKey(uint hash) =>
        TableKeys.Sanitize(string.Create(CultureInfo.InvariantCulture, $"{serviceId}_{hash:X8}"));

    private static bool TryParseDate(string? text, out DateTime date)
    {
        try
        {
            date = text is null ? default : LogFormatter.ParseDate(text);
            return text is not null;
        }
        catch (FormatException)
        {
            date = default;
            return false;
        }
    }

    /// <summary>Text in a filter, its quotes doubled.</summary>
    private static string Text(string value) => TableClient.CreateQueryFilter($"{value}");
}
