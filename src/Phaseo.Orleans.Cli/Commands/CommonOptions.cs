using System.CommandLine;
using Phaseo.Orleans.Cli.Serving;

namespace Phaseo.Orleans.Cli.Commands;

/// <summary>Options that several commands have, described once.</summary>
internal sealed class CommonOptions(CliContext context)
{
    private const string ServerVariable = "PHASEO_SERVER";
    public const string KeyVariable = "PHASEO_KEY";

    /// <summary>Results and errors as JSON.</summary>
    public Option<bool> Json { get; } = new("--json") { Description = "Print JSON for programs.", Recursive = true };

    /// <summary>Stack traces and logs.</summary>
    public Option<bool> Verbose { get; } = new("--verbose") { Description = "Show logs and where a failure happened.", Recursive = true };

    /// <summary>Which server.</summary>
    public Option<string?> Server { get; } = new("--server")
    {
        Description = $"The server's URL. Default: {ServerVariable}.",
        HelpName = "URL",
    };

    /// <summary>The API key.</summary>
    public Option<string?> Key { get; } = new("--key") { Description = $"The API key. Default: {KeyVariable}.", HelpName = "KEY" };

    /// <summary>The server that was named; null: none.</summary>
    public ServerAddress? FindServer(ParseResult parsed) =>
        (parsed.GetValue(Server) ?? context.Environment(ServerVariable)) is { } url
            ? ServerAddress.Parse(url, FindKey(parsed))
            : null;

    /// <summary>The server that was named, else the one that <c>phaseo serve</c> starts.</summary>
    public RemoteServer OpenServer(ParseResult parsed) =>
        new(FindServer(parsed) ?? ServerAddress.Parse(ServerAddress.DefaultUrl, FindKey(parsed)), context.Time);

    /// <summary>The key that was given, or null.</summary>
    public string? FindKey(ParseResult parsed) => parsed.GetValue(Key) ?? context.Environment(KeyVariable);
}
