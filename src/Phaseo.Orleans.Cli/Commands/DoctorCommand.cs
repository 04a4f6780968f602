using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Phaseo.Orleans.Cli.Doctor;
using Phaseo.Orleans.Cli.Serving;
using Phaseo.Orleans.Cli.Terminals;

namespace Phaseo.Orleans.Cli.Commands;

/// <summary><c>phaseo doctor</c>: says what is missing here. Needs no network unless a server is named.</summary>
internal sealed class DoctorCommand : Command
{
    private readonly CommonOptions _common;
    private readonly CliContext _context;
    private readonly Option<string?> _data = new("--data") { Description = "The data folder to look at.", HelpName = "DIR" };
    private readonly Option<string?> _catalog = new("--catalog") { Description = "The catalog to look at.", HelpName = "FILE" };
    private readonly Option<string> _urls = new("--urls")
    {
        Description = "Where phaseo serve would listen.",
        HelpName = "URLS",
        DefaultValueFactory = _ => ServerAddress.DefaultUrl,
    };

    public DoctorCommand(CommonOptions common, CliContext context)
        : base("doctor", "Check this machine: runtime, data folder, ports, catalog, keys, clock. Exit code 1 if something will not work.")
    {
        (_common, _context) = (common, context);
        foreach (var option in new Option[] { _data, _catalog, _urls, common.Server, common.Key })
        {
            Add(option);
        }

        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var findings = new List<Finding>();
        await foreach (var finding in RuntimeCheck.RunAsync().WithCancellation(cancellation))
        {
            findings.Add(finding);
        }

        var data = parsed.GetValue(_data) ?? Path.Combine(StateFolder.Find(_context.Environment), "server");
        findings.AddRange(DataFolderCheck.Run(Path.GetFullPath(data)));
        findings.AddRange(PortCheck.Run(parsed.GetRequiredValue(_urls)));
        findings.AddRange(CatalogCheck.Run(parsed.GetValue(_catalog), _context.Environment));
        findings.Add(ClockCheck.Run(_context.Time.GetUtcNow(), File.GetLastWriteTimeUtc(typeof(DoctorCommand).Assembly.Location)));
        if (_common.FindServer(parsed) is { } server)
        {
            findings.AddRange(await ServerCheck.RunAsync(server, _context.Time, cancellation));
        }

        Print(findings, parsed.GetValue(_common.Json));
        return findings.Exists(finding => finding.Level == FindingLevel.Fail) ? ExitCodes.Failed : ExitCodes.Ok;
    }

    private void Print(IReadOnlyList<Finding> findings, bool json)
    {
        if (json)
        {
            _context.Out.WriteLine(JsonSerializer.Serialize(findings, DoctorJson.Default.IReadOnlyListFinding));
            return;
        }

        TextTable.Write(
            _context.Out,
            _context.OutIsTerminal,
            ["", "check", "finding"],
            [.. findings.Select(finding => new[] { Word(finding.Level), finding.Check, finding.Message })]);
    }

    private static string Word(FindingLevel level) => level switch
    {
        FindingLevel.Ok => "ok",
        FindingLevel.Warn => "warn",
        FindingLevel.Fail => "FAIL",
    };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(IReadOnlyList<Finding>))]
internal sealed partial class DoctorJson : JsonSerializerContext;
