using System.CommandLine;
using Phaseo.Orleans.Cli.Serving;

namespace Phaseo.Orleans.Cli.Commands;

/// <summary>
/// <c>phaseo health</c>: asks a server whether it is well, once and without a key. For a container's health check: such
/// an image has neither shell nor curl. Exit code 0 if it is, 1 if not.
/// </summary>
internal sealed class HealthCommand : Command
{
    private static readonly string[] Checks = ["ready", "live", "startup"];

    // What the server itself gives its checks, and a second for the way.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(6);

    private readonly CommonOptions _common;
    private readonly CliContext _context;
    private readonly Option<string> _check = new("--check")
    {
        Description = "ready: takes requests. live: the process answers. startup: has joined its cluster.",
        HelpName = string.Join('|', Checks),
        DefaultValueFactory = _ => Checks[0],
    };

    public HealthCommand(CommonOptions common, CliContext context)
        : base("health", "Ask a server whether it is well; for health checks. Exit code 1 if it is not.")
    {
        (_common, _context) = (common, context);
        _check.AcceptOnlyFromAmong(Checks);
        Add(_check);
        Add(common.Server);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var server = _common.FindServer(parsed) ?? ServerAddress.Parse(ServerAddress.DefaultUrl, null);
        var check = parsed.GetRequiredValue(_check);
        using var handler = new SocketsHttpHandler { UseProxy = false };
        using var http = new HttpClient(handler) { BaseAddress = server.Url, Timeout = Limit };
        try
        {
            using var response = await http.GetAsync($"healthz/{check}", cancellation);
            return response.IsSuccessStatusCode
                ? Say(_context.Out, ExitCodes.Ok, "ok")
                : Say(_context.Error, ExitCodes.Failed, $"not {check}: {server.Url} answered {(int)response.StatusCode}");
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return Say(_context.Error, ExitCodes.Failed, $"not {check}: {server.Url} does not answer");
        }
    }

    private static int Say(TextWriter writer, int code, string text)
    {
        writer.WriteLine(text);
        return code;
    }
}
