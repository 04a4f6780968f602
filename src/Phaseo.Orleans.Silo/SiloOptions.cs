using Phaseo.Orleans.Cluster;

namespace Phaseo.Orleans.Silo;

/// <summary>
/// What whoever starts a silo may choose. A member that is null is left to the configuration (section <c>Phaseo</c>,
/// environment <c>Phaseo__DataFolder</c> and so on), and then to its default.
/// </summary>
internal sealed record SiloOptions
{
    /// <summary>Where the API listens; port 0 takes a free one. Default: <c>http://127.0.0.1:8080</c>.</summary>
    public string? Urls { get; init; }

    /// <summary>Where state and files are kept: <c>embedded</c> or <c>azure</c>. Default: <c>embedded</c>.</summary>
    public string? Storage { get; init; }

    /// <summary>
    /// The storage account: a connection string, or the address of its blobs (<c>https://name.blob.core.windows.net</c>),
    /// for which the process's own identity is used. With <c>azure</c> only.
    /// </summary>
    public string? Connection { get; init; }

    /// <summary>What the names of containers and tables start with, so that clusters may share an account. Default: <c>phaseo</c>.</summary>
    public string? StoragePrefix { get; init; }

    /// <summary>
    /// The address at which other silos find this one. Default: this machine's own; loopback when the account is an
    /// emulator on loopback.
    /// </summary>
    public string? Address { get; init; }

    /// <summary>The folder of embedded storage. Default: <c>phaseo-data</c> in the working directory.</summary>
    public string? DataFolder { get; init; }

    /// <summary>The catalog; section <c>Catalog:Path</c>. Default: the one that ships.</summary>
    public string? CatalogPath { get; init; }

    /// <summary>
    /// What the silo is for: <c>all</c>; <c>api</c>, which takes requests and calls no provider; <c>worker</c>, which calls
    /// providers and has no API besides health and metrics. With embedded storage only <c>all</c>. Default: <c>all</c>.
    /// </summary>
    public string? Role { get; init; }

    /// <summary>The port that other silos talk to. Default: a free one.</summary>
    public int? SiloPort { get; init; }

    /// <summary>The port of Orleans clients; 0: none. Default: 0, since the API lives in the silo.</summary>
    public int? GatewayPort { get; init; }

    /// <summary>Which cluster. Default: <c>phaseo</c>.</summary>
    public string? ClusterId { get; init; }

    /// <summary>Under which name grains are stored. Default: <c>phaseo</c>.</summary>
    public string? ServiceId { get; init; }

    /// <summary>The key of the workspace <c>default</c>; also <c>PHASEO_KEY</c>. Default: none, and nobody gets in.</summary>
    public string? Key { get; init; }

    /// <summary>The key of <c>/metrics</c>. Default: none, and only this machine gets in.</summary>
    public string? OperatorKey { get; init; }

    /// <summary>The choice as settings that win over all others.</summary>
    public IEnumerable<KeyValuePair<string, string?>> ToSettings()
    {
        KeyValuePair<string, string?>[] all =
        [
            new("urls", Urls),
            new("Catalog:Path", CatalogPath),
            new("Phaseo:Storage", Storage),
            new("Phaseo:Connection", Connection),
            new("Phaseo:StoragePrefix", StoragePrefix),
            new("Phaseo:Address", Address),
            new("Phaseo:DataFolder", DataFolder),
            new("Phaseo:Role", Role),
            new("Phaseo:SiloPort", SiloPort?.ToString()),
            new("Phaseo:GatewayPort", GatewayPort?.ToString()),
            new("Phaseo:ClusterId", ClusterId),
            new("Phaseo:ServiceId", ServiceId),
            new("Phaseo:Key", Key),
            new("Phaseo:OperatorKey", OperatorKey),
        ];
        return all.Where(setting => setting.Value is not null);
    }

    /// <summary>The role, read.</summary>
    /// <exception cref="ArgumentException">It is no role, or not one for this storage.</exception>
    public SiloRole ReadRole()
    {
        if (!SiloRoleWords.TryParse(Role ?? "", out var role))
        {
            throw new ArgumentException($"Phaseo:Role is '{Role}'; known are {string.Join(", ", SiloRoleWords.All)}.");
        }

        return role == SiloRole.All || Storage == StorageKinds.Azure
            ? role
            : throw new ArgumentException($"Phaseo:Role is '{Role}', but with storage '{Storage}' there is one silo, which has to do all.");
    }

    /// <summary>What the configuration says, defaults filled in; ports and keys may stay null.</summary>
    public static SiloOptions From(IConfiguration configuration)
    {
        var set = configuration.GetSection("Phaseo").Get<SiloOptions>() ?? new();
        return set with
        {
            Urls = configuration["urls"] ?? "http://127.0.0.1:8080",
            CatalogPath = configuration["Catalog:Path"],
            Storage = set.Storage ?? StorageKinds.Embedded,
            StoragePrefix = set.StoragePrefix ?? "phaseo",
            DataFolder = set.DataFolder ?? "phaseo-data",
            Role = set.Role ?? SiloRole.All.ToWord(),
            GatewayPort = set.GatewayPort ?? 0,
            ClusterId = set.ClusterId ?? "phaseo",
            ServiceId = set.ServiceId ?? "phaseo",
            Key = set.Key ?? configuration["PHASEO_KEY"],
        };
    }
}

/// <summary>The homes of storage that a silo can be given.</summary>
internal static class StorageKinds
{
    /// <summary>A data folder of this machine, one silo.</summary>
    public const string Embedded = "embedded";

    /// <summary>An Azure Storage account, any number of silos.</summary>
    public const string Azure = "azure";
}
