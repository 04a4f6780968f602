using System.Collections.Immutable;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Phaseo.Orleans.Routing;

/// <summary>
/// Holds the catalog in force. Reads it when it is made, and refuses to be made from a bad file; later a bad file is
/// refused whole and the old catalog stays.
/// </summary>
public sealed partial class CatalogStore
{
    private readonly string? _path;
    private readonly ILogger<CatalogStore> _logger;
    private volatile Catalog _current;
    private string _lastSeen;

    /// <summary>Reads the first catalog.</summary>
    /// <exception cref="InvalidCatalogException">The file is bad; the message lists every error.</exception>
    public CatalogStore(IOptions<CatalogOptions> options, ILogger<CatalogStore> logger)
    {
        _path = options.Value.Path;
        _logger = logger;
        byte[] bytes;
        try
        {
            bytes = _path is null ? CatalogFile.ReadDefault() : File.ReadAllBytes(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidCatalogException(Name, [$"$: cannot be read ({e.GetType().Name})."]);
        }

        var (catalog, errors) = CatalogFile.Parse(bytes);
        _current = catalog ?? throw new InvalidCatalogException(Name, errors);
        _lastSeen = catalog.Version;
        Log.Loaded(logger, Name, catalog.Version, catalog.Providers.Length, catalog.Offers.Length);
    }

    /// <summary>The catalog in force. A reader that needs one view of it keeps the instance.</summary>
    public Catalog Current => _current;

    /// <summary>Whether there is a file to look at again.</summary>
    internal bool IsFromFile => _path is not null;

    private string Name => _path ?? "default";

    /// <summary>
    /// Reads the file again if its content is another than last time. The content, not its time: replaced links and
    /// coarse clocks hide changes, and reading a catalog every few seconds costs nothing that shows.
    /// </summary>
    internal async Task RefreshAsync(CancellationToken cancellation)
    {
        if (_path is null)
        {
            return;
        }

        try
        {
            var version = await HashAsync(_path, cancellation);
            if (version == _lastSeen)
            {
                return;
            }

            Take(await File.ReadAllBytesAsync(_path, cancellation));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (_lastSeen.Length > 0)
            {
                _lastSeen = "";
                Log.Unreadable(_logger, e, Name, _current.Version);
            }
        }
    }

    private static async Task<string> HashAsync(string path, CancellationToken cancellation)
    {
        await using var file = File.OpenRead(path);
        return CatalogFile.VersionOf(await SHA256.HashDataAsync(file, cancellation));
    }

    private void Take(byte[] bytes)
    {
        _lastSeen = CatalogFile.VersionOf(SHA256.HashData(bytes));
        if (_lastSeen == _current.Version)
        {
            return;
        }

        var (catalog, errors) = CatalogFile.Parse(bytes);
        if (catalog is null)
        {
            Log.Refused(_logger, Name, _current.Version, string.Join(Environment.NewLine, errors));
            return;
        }

        _current = catalog;
        Log.Loaded(_logger, Name, catalog.Version, catalog.Providers.Length, catalog.Offers.Length);
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "Catalog {Path} is in force: version {Version}, {Providers} providers, {Offers} offers")]
        public static partial void Loaded(ILogger logger, string path, string version, int providers, int offers);

        [LoggerMessage(Level = LogLevel.Error, Message = "Catalog {Path} was refused, version {Version} stays in force: {Errors}")]
        public static partial void Refused(ILogger logger, string path, string version, string errors);

        [LoggerMessage(Level = LogLevel.Error, Message = "Catalog {Path} could not be read, version {Version} stays in force")]
        public static partial void Unreadable(ILogger logger, Exception exception, string path, string version);
    }
}

/// <summary>A catalog that cannot be taken into force. The message lists every error, a line each.</summary>
public sealed class InvalidCatalogException(string path, ImmutableArray<string> errors)
    : Exception($"Catalog {path} has {errors.Length} error(s):{Environment.NewLine}{string.Join(Environment.NewLine, errors)}")
{
    /// <summary>Every error with its path.</summary>
    public ImmutableArray<string> Errors { get; } = errors;
}
