namespace Phaseo.Orleans.Cli.Serving;

/// <summary>Where a server is and the key for it.</summary>
/// <param name="Url">Ends with a slash, without <c>/v1</c>.</param>
/// <param name="Key">Null: none is sent.</param>
internal sealed record ServerAddress(Uri Url, string? Key)
{
    /// <summary>Where <c>phaseo serve</c> listens unless told otherwise.</summary>
    public const string DefaultUrl = "http://127.0.0.1:8080";

    /// <summary>Reads an address as people write it; a <c>/v1</c> at its end, as SDKs want it, is taken off.</summary>
    /// <exception cref="CliException">It is no absolute http or https URL.</exception>
    public static ServerAddress Parse(string url, string? key)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var parsed) || parsed.Scheme is not ("http" or "https"))
        {
            throw new CliException($"--server {url}: an http or https URL is needed, for example {DefaultUrl}");
        }

        var path = parsed.AbsolutePath.TrimEnd('/');
        if (path.EndsWith("/v1", StringComparison.Ordinal))
        {
            path = path[..^"/v1".Length];
        }

        return new(new UriBuilder(parsed) { Path = path + "/", Query = "", Fragment = "" }.Uri, key);
    }
}
