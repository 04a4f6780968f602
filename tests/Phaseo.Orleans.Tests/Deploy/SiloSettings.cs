using System.Reflection;
using System.Text.Json;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Batches.Driving;
using Phaseo.Orleans.Routing;
using Phaseo.Orleans.Silo;
using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.Tests.Deploy;

/// <summary>The environment that a silo reads: a name that a manifest sets and nobody reads is a slip of the pen.</summary>
internal static class SiloSettings
{
    private static readonly Dictionary<string, Type> Sections = new()
    {
        ["Phaseo"] = typeof(SiloOptions),
        ["Batches"] = typeof(BatchOptions),
        ["Catalog"] = typeof(CatalogOptions),
        ["Driver"] = typeof(DriverOptions),
        ["Telemetry"] = typeof(TelemetryOptions),
    };

    // Read by the command line, by Kubernetes' part of Orleans and by Azure's identity.
    private static readonly string[] Plain =
        ["PHASEO_KEY", "PHASEO_CONNECTION", "Phaseo__Role", "POD_NAME", "POD_NAMESPACE", "AZURE_CLIENT_ID", "Logging__Console__FormatterName"];

    /// <summary>Whether a silo reads a variable of this name.</summary>
    public static bool IsRead(string name) =>
        Plain.Contains(name) || ProviderKeys().Contains(name) || IsOption(name.Split("__"));

    /// <summary>The variables of providers' keys that the catalog which ships names.</summary>
    public static IReadOnlyList<string> ProviderKeys()
    {
        using var catalog = JsonDocument.Parse(File.ReadAllText(SourceTree.PathOf("src", "Phaseo.Orleans", "Routing", "default-catalog.json")));
        return [.. catalog.RootElement.GetProperty("providers").EnumerateArray()
            .Select(provider => provider.TryGetProperty("api_key_env", out var name) ? name.GetString() : null)
            .OfType<string>()];
    }

    private static bool IsOption(string[] path) =>
        path.Length >= 2
        && Sections.TryGetValue(path[0], out var type)
        && type.GetProperty(path[1], BindingFlags.Public | BindingFlags.Instance) is { } option
        && (path.Length == 2 || option.PropertyType.IsArray);
}
