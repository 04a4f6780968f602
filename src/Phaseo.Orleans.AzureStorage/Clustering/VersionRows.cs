using System.Globalization;
using Azure;
using Azure.Data.Tables;

namespace Orleans.Runtime.MembershipService;

/// <summary>
/// The version of a cluster's membership: a row that every change replaces in the same transaction, and two fences that
/// are the first and the last row of the partition and get the same version. An answer of several pages is the state of
/// one moment if its fences agree.
/// </summary>
internal static class VersionRows
{
    public const string VersionKey = "VersionRow";

    private const string StartKey = "!Start";
    private const string EndKey = "~End";
    private const string MembershipVersion = "MembershipVersion";

    public static bool IsSilo(TableEntity row) => row.RowKey is not (VersionKey or StartKey or EndKey);

    /// <summary>The rows of a cluster that nobody has joined.</summary>
    public static IEnumerable<TableTransactionAction> Add(string clusterId) =>
        new[] { Version(clusterId, 0), Fence(clusterId, StartKey, 0), Fence(clusterId, EndKey, 0) }
            .Select(row => new TableTransactionAction(TableTransactionActionType.Add, row));

    /// <summary>Raises the version, if the stored one still has the etag that <paramref name="version"/> came with.</summary>
    public static IEnumerable<TableTransactionAction> Replace(string clusterId, TableVersion version) =>
    [
        new(TableTransactionActionType.UpdateReplace, Version(clusterId, version.Version), new ETag(version.VersionEtag)),
        new(TableTransactionActionType.UpsertReplace, Fence(clusterId, StartKey, version.Version)),
        new(TableTransactionActionType.UpsertReplace, Fence(clusterId, EndKey, version.Version)),
    ];

    /// <exception cref="KeyNotFoundException">There is no version among the rows: nobody has initialized the table.</exception>
    public static TableVersion Read(IEnumerable<TableEntity> rows)
    {
        var row = rows.SingleOrDefault(row => row.RowKey == VersionKey)
            ?? throw new KeyNotFoundException("The membership table has no version row for this cluster.");
        return new TableVersion(VersionOf(row), row.ETag.ToString());
    }

    /// <summary>
    /// Whether the rows of an answer in several pages belong together. Silos that are older than the fences do not write
    /// them; what these do between two pages is not seen.
    /// </summary>
    public static bool FencesAgree(List<TableEntity> rows)
    {
        var start = rows.Find(row => row.RowKey == StartKey);
        var end = rows.Find(row => row.RowKey == EndKey);
        return start is null || end is null ? start == end : VersionOf(start) == VersionOf(end);
    }

    private static int VersionOf(TableEntity row) => int.Parse(row.GetString(MembershipVersion), CultureInfo.InvariantCulture);

    private static TableEntity Version(string clusterId, int version) => new(clusterId, VersionKey)
    {
        [SiloRow.DeploymentId] = clusterId,
        [MembershipVersion] = version.ToString(CultureInfo.InvariantCulture),
    };

    private static TableEntity Fence(string clusterId, string key, int version) => new(clusterId, key)
    {
        [SiloRow.DeploymentId] = clusterId,
        [SiloRow.Status] = nameof(SiloStatus.Active), // Clean-ups of older silos delete rows that are not.
        [MembershipVersion] = version.ToString(CultureInfo.InvariantCulture),
    };
}
