using System.Globalization;
using System.Net;
using Azure.Data.Tables;

namespace Orleans.Runtime.MembershipService;

/// <summary>
/// How a silo lies in the membership table: partition key is the cluster's id, row key <c>{address}-{port}-{generation}</c>,
/// all columns are text.
/// </summary>
internal static class SiloRow
{
    public const string DeploymentId = "DeploymentId";
    public const string Status = "Status";
    public const string ProxyPort = "ProxyPort";

    private const string Address = "Address";
    private const string Port = "Port";
    private const string Generation = "Generation";
    private const string HostName = "HostName";
    private const string RoleName = "RoleName";
    private const string SiloName = "SiloName";
    private const string InstanceName = "InstanceName"; // An older name of SiloName.
    private const string UpdateZone = "UpdateZone";
    private const string FaultZone = "FaultZone";
    private const string SuspectingSilos = "SuspectingSilos";
    private const string SuspectingTimes = "SuspectingTimes";
    private const string StartTime = "StartTime";
    private const string IAmAliveTime = "IAmAliveTime";
    private const char Separator = '|';

    public static string RowKey(SiloAddress silo) =>
        string.Create(CultureInfo.InvariantCulture, $"{silo.Endpoint.Address}-{silo.Endpoint.Port}-{silo.Generation}");

    public static TableEntity Write(MembershipEntry entry, string clusterId)
    {
        var silo = entry.SiloAddress;
        var suspicions = entry.SuspectTimes ?? [];
        return new TableEntity(clusterId, RowKey(silo))
        {
            [DeploymentId] = clusterId,
            [Address] = silo.Endpoint.Address.ToString(),
            [Port] = Text(silo.Endpoint.Port),
            [Generation] = Text(silo.Generation),
            [HostName] = entry.HostName,
            [Status] = entry.Status.ToString(),
            [ProxyPort] = Text(entry.ProxyPort),
            [RoleName] = entry.RoleName,
            [SiloName] = entry.SiloName,
            [InstanceName] = entry.SiloName,
            [UpdateZone] = Text(entry.UpdateZone),
            [FaultZone] = Text(entry.FaultZone),
            [SuspectingSilos] = string.Join(Separator, suspicions.Select(suspicion => suspicion.Item1.ToParsableString())),
            [SuspectingTimes] = string.Join(Separator, suspicions.Select(suspicion => LogFormatter.PrintDate(suspicion.Item2))),
            [StartTime] = LogFormatter.PrintDate(entry.StartTime),
            [IAmAliveTime] = LogFormatter.PrintDate(entry.IAmAliveTime),
        };
    }

    /// <summary>The columns that a silo writes to say that it lives.</summary>
    public static TableEntity WriteHeartbeat(MembershipEntry entry, string clusterId) => new(clusterId, RowKey(entry.SiloAddress))
    {
        [DeploymentId] = clusterId,
        [IAmAliveTime] = LogFormatter.PrintDate(entry.IAmAliveTime),
    };

    /// <exception cref="FormatException">The row is not a silo's.</exception>
    public static MembershipEntry Read(TableEntity row)
    {
        var entry = new MembershipEntry
        {
            SiloAddress = ReadAddress(row, Port),
            HostName = row.GetString(HostName),
            Status = Enum.TryParse<SiloStatus>(row.GetString(Status), out var status)
                ? status
                : throw new FormatException($"{Status} is none."),
            ProxyPort = Number(row, ProxyPort),
            RoleName = row.GetString(RoleName),
            SiloName = row.GetString(SiloName) is { Length: > 0 } name ? name : row.GetString(InstanceName),
            UpdateZone = Number(row, UpdateZone),
            FaultZone = Number(row, FaultZone),
            StartTime = Date(row.GetString(StartTime)),
            IAmAliveTime = Date(row.GetString(IAmAliveTime)),
        };
        var (silos, times) = (List(row, SuspectingSilos), List(row, SuspectingTimes));
        if (silos.Length != times.Length)
        {
            throw new FormatException($"{SuspectingSilos} has {silos.Length} items and {SuspectingTimes} {times.Length}.");
        }

        foreach (var (silo, time) in silos.Zip(times))
        {
            entry.AddSuspector(SiloAddress.FromParsableString(silo), LogFormatter.ParseDate(time));
        }

        return entry;
    }

    /// <summary>Where clients reach the silo of a row.</summary>
    /// <exception cref="FormatException">The row is not a silo's.</exception>
    public static Uri ReadGateway(TableEntity row) => ReadAddress(row, ProxyPort).ToGatewayUri();

    private static SiloAddress ReadAddress(TableEntity row, string port) => SiloAddress.New(
        IPAddress.Parse(row.GetString(Address) ?? throw new FormatException($"{Address} is missing.")),
        Number(row, port),
        Number(row, Generation));

    private static int Number(TableEntity row, string column) =>
        row.GetString(column) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : 0;

    private static DateTime Date(string? text) => string.IsNullOrEmpty(text) ? default : LogFormatter.ParseDate(text);

    private static string[] List(TableEntity row, string column) =>
        row.GetString(column) is { Length: > 0 } text ? text.Split(Separator) : [];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
