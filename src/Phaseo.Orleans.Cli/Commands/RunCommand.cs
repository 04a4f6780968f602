using System.CommandLine;
using Microsoft.Extensions.Logging;
using Phaseo.Orleans.Cli.Runs;
using Phaseo.Orleans.Cli.Serving;
using Phaseo.Orleans.Cli.Terminals;

namespace Phaseo.Orleans.Cli.Commands;

/// <summary><c>phaseo run</c>: a file in, files out.</summary>
internal sealed class RunCommand : Command
{
    private readonly CommonOptions _common;
    private readonly CliContext _context;
    private readonly BatchSymbols _batch = new();
    private readonly Option<string?> _output = new("--output", "-o")
    {
        Description = "Rows answered 2xx. Default: IN.out.jsonl.",
        HelpName = "OUT.jsonl",
    };

    private readonly Option<string?> _errors = new("--errors")
    {
        Description = "All other rows. Default: IN.errors.jsonl.",
        HelpName = "ERR.jsonl",
    };

    private readonly Option<string?> _catalog = new("--catalog")
    {
        Description = "Providers, models and prices of an embedded run. Default: the ones that ship.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _data = new("--data")
    {
        Description = "Where an embedded run keeps its data. Default: a folder of its own until it has ended.",
        HelpName = "DIR",
    };

    private readonly Option<bool> _resume = new("--resume") { Description = "Go on with the unfinished run of this file." };
    private readonly Option<bool> _restart = new("--restart")
    {
        Description = "Cancel the unfinished run of this file and start again.",
    };

    public RunCommand(CommonOptions common, CliContext context)
        : base("run", "Run a file, on a silo inside this process or on a server, and fetch the answers.")
    {
        (_common, _context) = (common, context);
        _batch.AddTo(this);
        foreach (var option in new Option[] { _output, _errors, _catalog, _data, common.Server, common.Key, _resume, _restart })
        {
            Add(option);
        }

        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var request = ReadRequest(parsed);
        var address = _common.FindServer(parsed);
        var folder = RunFolder.Of(
            request.Input, address?.Url, FullPath(parsed.GetValue(_data)), StateFolder.Find(_context.Environment));
        var json = parsed.GetValue(_common.Json);
        RunOutcome outcome;
        try
        {
            using var view = ProgressViews.Choose(_context, json);
            outcome = await new BatchRun(request, folder, view, _context.Time).RunAsync(StartServerAsync, cancellation);
        }
        catch (OperationCanceledException) when (_context.Interrupted.IsCancellationRequested)
        {
            _context.Error.WriteLine("Stopped. This goes on where it was:");
            _context.Error.WriteLine("  " + ResumeLine.Of(parsed, _batch.Input, [_output, _errors, _catalog, _data, _common.Server]));
            throw;
        }

        Print(outcome, json);
        return ExitCodes.Of(outcome.Batch);

        Task<IServerSession> StartServerAsync(CancellationToken stop) => address is not null
            ? Task.FromResult<IServerSession>(new RemoteServer(address, _context.Time))
            : EmbeddedServer.StartAsync(
                new(folder.DataPath, FullPath(parsed.GetValue(_catalog)), parsed.GetValue(_common.Verbose) ? LogLevel.Information : null),
                _context.Time,
                stop);
    }

    private RunRequest ReadRequest(ParseResult parsed)
    {
        var input = Path.GetFullPath(parsed.GetRequiredValue(_batch.Input));
        var (output, errors) = RunRequest.DefaultsFor(input);
        return new()
        {
            Input = input,
            Output = FullPath(parsed.GetValue(_output)) ?? output,
            Errors = FullPath(parsed.GetValue(_errors)) ?? errors,
            Endpoint = parsed.GetValue(_batch.Endpoint),
            Window = parsed.GetRequiredValue(_batch.Window),
            Resume = parsed.GetValue(_resume),
            Restart = parsed.GetValue(_restart),
        };
    }

    private static string? FullPath(string? path) => path is null ? null : Path.GetFullPath(path);

    private void Print(RunOutcome outcome, bool json)
    {
        if (json)
        {
            RunReport.WriteJson(_context.Out, outcome);
            return;
        }

        foreach (var line in RunReport.Lines(outcome))
        {
            _context.Out.WriteLine(line);
        }

        Faults.Write(_context, outcome.Batch);
    }
}
