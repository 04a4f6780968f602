using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans.Providers;

/// <summary>
/// The providers' keys, read from the environment variables that the catalog names. A provider whose key is not set
/// takes no part in routing.
/// </summary>
public sealed class ProviderKeys(Func<string, string?> read)
{
    /// <summary>Keys from the environment of this process.</summary>
    public ProviderKeys()
        : this(Environment.GetEnvironmentVariable)
    {
    }

    /// <summary>Whether calls to the provider can carry what they need: a key, or none where none is asked for.</summary>
    public bool Has(Provider provider) => provider.ApiKeyEnv is null || Find(provider) is not null;

    /// <summary>The key without white space around it; null when none is set or none is asked for.</summary>
    internal string? Find(Provider provider) =>
        provider.ApiKeyEnv is { } name && read(name)?.Trim() is { Length: > 0 } key ? key : null;
}
