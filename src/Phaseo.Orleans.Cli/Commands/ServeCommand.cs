using System.CommandLine;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Phaseo.Orleans.Cli.Serving;
using Phaseo.Orleans.Silo;
using Phaseo.Orleans.Silo.Http;

namespace Phaseo.Orleans.Cli.Commands;

/// <summary><c>phaseo serve</c>: a silo with the API, until it is asked to stop.</summary>
internal sealed class ServeCommand : Command
{
    private const string Embedded = "embedded";
    private const string Azure = "azure";

    private readonly CommonOptions _common;
    private readonly CliContext _context;
    private readonly Option<string?> _urls = new("--urls")
    {
        Description = $"Where the API listens; port 0 takes a free one. Default: {ServerAddress.DefaultUrl}.",
        HelpName = "URLS",
    };

    private readonly Option<string?> _data = new("--data")
    {
        Description = "The data folder. Default: server in phaseo's state folder.",
        HelpName = "DIR",
    };

    private readonly Option<string?> _catalog = new("--catalog")
    {
        Description = "Providers, models and prices; read again when it changes. Default: the ones that ship.",
        HelpName = "FILE",
    };

    private readonly Option<string> _storage = new("--storage")
    {
        Description = "Where state and files are kept.",
        HelpName = $"{Embedded}|{Azure}",
        DefaultValueFactory = _ => Embedded,
    };

    private readonly Option<string?> _connection = new("--connection") { Description = "The storage account, with --storage azure.", HelpName = "STRING" };
    private readonly Option<int?> _siloPort = new("--silo-port") { Description = "The port for other silos. Default: a free one.", HelpName = "N" };
    private readonly Option<int?> _gatewayPort = new("--gateway-port") { Description = "The port for Orleans clients; 0: none. Default: 0.", HelpName = "N" };
    private readonly Option<string?> _cluster = new("--cluster-id") { Description = "Which cluster. Default: phaseo.", HelpName = "ID" };
    private readonly Option<string?> _service = new("--service-id") { Description = "Under which name grains are stored. Default: phaseo.", HelpName = "ID" };
    private readonly Option<string?> _key = new("--key") { Description = "The API key. Default: PHASEO_KEY, else a new one that is printed once.", HelpName = "KEY" };
    private readonly Option<LogLevel> _logLevel = new("--log-level")
    {
        Description = "What is logged: Trace, Debug, Information, Warning, Error, Critical or None.",
        HelpName = "LEVEL",
        DefaultValueFactory = _ => LogLevel.Information,
    };

    public ServeCommand(CommonOptions common, CliContext context)
        : base("serve", "Start a silo with the HTTP API.")
    {
        (_common, _context) = (common, context);
        _storage.AcceptOnlyFromAmong(Embedded, Azure);
        foreach (var option in new Option[]
        {
            _urls, _data, _catalog, _storage, _connection, _siloPort, _gatewayPort, _cluster, _service, _key, _logLevel,
        })
        {
            Add(option);
        }

        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        if (parsed.GetValue(_storage) == Azure || parsed.GetValue(_connection) is not null)
        {
            throw new CliException("--storage azure is not in this build yet; embedded storage is");
        }

        var given = parsed.GetValue(_key) ?? _context.Environment(CommonOptions.KeyVariable);
        var key = given ?? ApiKeys.NewKey();
        var options = ReadOptions(parsed, key);
        var level = parsed.GetValue(_common.Verbose) ? LogLevel.Debug : parsed.GetValue(_logLevel);
        await using var app = SiloStart.Build(options, level == LogLevel.None ? null : level, allowSimulator: false);
        await app.StartAsync(cancellation);
        Announce(app, options.DataFolder!, given is null ? key : null, parsed.GetValue(_common.Json));
        await app.WaitForShutdownAsync(cancellation);
        return ExitCodes.Ok;
    }

    private SiloOptions ReadOptions(ParseResult parsed, string key) => new()
    {
        Urls = CheckUrls(parsed.GetValue(_urls) ?? ServerAddress.DefaultUrl),
        DataFolder = Path.GetFullPath(parsed.GetValue(_data) ?? Path.Combine(StateFolder.Find(_context.Environment), "server")),
        CatalogPath = parsed.GetValue(_catalog) is { } catalog ? Path.GetFullPath(catalog) : null,
        SiloPort = parsed.GetValue(_siloPort),
        GatewayPort = parsed.GetValue(_gatewayPort),
        ClusterId = parsed.GetValue(_cluster),
        ServiceId = parsed.GetValue(_service),
        Key = key,
    };

    private static string CheckUrls(string urls) =>
        Array.Find(urls.Split(';'), url => !url.StartsWith("http://", StringComparison.Ordinal) && !url.StartsWith("https://", StringComparison.Ordinal)) is { } bad
            ? throw new CliException($"--urls {bad}: an http or https URL is needed, for example {ServerAddress.DefaultUrl}")
            : urls;

    // One line of JSON, or a few lines that say what to do next. The key is shown only when it was made here.
    private void Announce(WebApplication app, string dataFolder, string? newKey, bool json)
    {
        if (json)
        {
            _context.Out.WriteLine(ServeText.Json([.. app.Urls], dataFolder, newKey));
        }
        else
        {
            ServeText.Write(_context.Out, [.. app.Urls], dataFolder, newKey);
        }

        _context.Out.Flush();
    }
}
