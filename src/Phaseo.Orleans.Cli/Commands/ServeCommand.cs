using System.CommandLine;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Phaseo.Orleans.AzureStores;
using Phaseo.Orleans.Cli.Serving;
using Phaseo.Orleans.Cluster;
using Phaseo.Orleans.Silo;
using Phaseo.Orleans.Silo.Http;

namespace Phaseo.Orleans.Cli.Commands;

/// <summary><c>phaseo serve</c>: a silo with the API, until it is asked to stop.</summary>
internal sealed class ServeCommand : Command
{
    private const string ConnectionVariable = "PHASEO_CONNECTION";

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
        HelpName = $"{StorageKinds.Embedded}|{StorageKinds.Azure}",
        DefaultValueFactory = _ => StorageKinds.Embedded,
    };

    private readonly Option<string?> _connection = new("--connection")
    {
        Description = $"The storage account, with --storage azure: a connection string, or the address of its blobs. Default: {ConnectionVariable}.",
        HelpName = "STRING",
    };

    private readonly Option<string?> _prefix = new("--storage-prefix")
    {
        Description = "What the names of containers and tables start with, so that clusters may share an account. Default: phaseo.",
        HelpName = "NAME",
    };

    private readonly Option<string?> _address = new("--address")
    {
        Description = "The address at which other silos find this one. Default: this machine's; loopback with an emulator.",
        HelpName = "IP",
    };

    private readonly Option<string?> _role = new("--role")
    {
        Description = "What this silo is for, with --storage azure: requests, calls to providers, or both. Default: all.",
        HelpName = string.Join('|', SiloRoleWords.All),
    };

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
        _role.AcceptOnlyFromAmong(SiloRoleWords.All);
        _storage.AcceptOnlyFromAmong(StorageKinds.Embedded, StorageKinds.Azure);
        foreach (var option in new Option[]
        {
            _urls, _data, _catalog, _storage, _connection, _prefix, _address, _role, _siloPort, _gatewayPort, _cluster, _service, _key, _logLevel,
        })
        {
            Add(option);
        }

        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var given = parsed.GetValue(_key) ?? _context.Environment(CommonOptions.KeyVariable);
        var key = given ?? ApiKeys.NewKey();
        var options = ReadOptions(parsed, key);
        var level = parsed.GetValue(_common.Verbose) ? LogLevel.Debug : parsed.GetValue(_logLevel);
        await using var app = SiloStart.Build(options, level == LogLevel.None ? null : level, allowSimulator: false);
        using var guard = StopGuard.Watch(app.Services);
        await app.StartAsync(cancellation);
        Announce(app, options, given is null ? key : null, parsed.GetValue(_common.Json));
        await app.WaitForShutdownAsync(cancellation);
        return ExitCodes.Ok;
    }

    private SiloOptions ReadOptions(ParseResult parsed, string key) => WithStorage(parsed, new()
    {
        Urls = CheckUrls(parsed.GetValue(_urls) ?? ServerAddress.DefaultUrl),
        CatalogPath = parsed.GetValue(_catalog) is { } catalog ? Path.GetFullPath(catalog) : null,
        SiloPort = parsed.GetValue(_siloPort),
        GatewayPort = parsed.GetValue(_gatewayPort),
        ClusterId = parsed.GetValue(_cluster),
        ServiceId = parsed.GetValue(_service),
        Key = key,
    });

    private SiloOptions WithStorage(ParseResult parsed, SiloOptions options)
    {
        var (connection, prefix, address) = (parsed.GetValue(_connection), parsed.GetValue(_prefix), parsed.GetValue(_address));
        var role = parsed.GetValue(_role);
        if (parsed.GetValue(_storage) == StorageKinds.Embedded)
        {
            return (connection ?? prefix ?? address ?? role) is null
                ? options with
                {
                    Storage = StorageKinds.Embedded,
                    DataFolder = Path.GetFullPath(parsed.GetValue(_data) ?? Path.Combine(StateFolder.Find(_context.Environment), "server")),
                }
                : throw new CliException("--connection, --storage-prefix, --address and --role go with --storage azure");
        }

        if (parsed.GetValue(_data) is not null)
        {
            throw new CliException("--data goes with embedded storage; --storage azure keeps everything in the account");
        }

        if (prefix is not null && !AzureStoresOptions.IsPrefix(prefix))
        {
            throw new CliException($"--storage-prefix {prefix}: 3 to 40 lower-case letters and digits are needed, a letter first");
        }

        if (address is not null && !IPAddress.TryParse(address, out _))
        {
            throw new CliException($"--address {address}: an IP address is needed");
        }

        connection ??= _context.Environment(ConnectionVariable)
            ?? throw new CliException($"--storage azure needs --connection or {ConnectionVariable}");
        try
        {
            StorageAccount.Parse(connection);
        }
        catch (ArgumentException)
        {
            throw new CliException("--connection: neither a connection string nor the address of an account's blobs (https://name.blob.core.windows.net)");
        }

        return options with { Storage = StorageKinds.Azure, Connection = connection, StoragePrefix = prefix, Address = address, Role = role };
    }

    private static string CheckUrls(string urls) =>
        Array.Find(urls.Split(';'), url => !url.StartsWith("http://", StringComparison.Ordinal) && !url.StartsWith("https://", StringComparison.Ordinal)) is { } bad
            ? throw new CliException($"--urls {bad}: an http or https URL is needed, for example {ServerAddress.DefaultUrl}")
            : urls;

    // One line of JSON, or a few lines that say what to do next. The key is shown only when it was made here.
    private void Announce(WebApplication app, SiloOptions options, string? newKey, bool json)
    {
        if (json)
        {
            _context.Out.WriteLine(ServeText.Json([.. app.Urls], options.DataFolder, newKey));
        }
        else
        {
            var hasApi = SiloOptions.From(app.Configuration).ReadRole() != SiloRole.Worker;
            ServeText.Write(_context.Out, [.. app.Urls], hasApi, options.DataFolder, hasApi ? newKey : null);
        }

        _context.Out.Flush();
    }
}
