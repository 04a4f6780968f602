using System.CommandLine;
using Phaseo.Orleans.Cli.Client;
using Phaseo.Orleans.Cli.Runs;
using Phaseo.Orleans.Cli.Serving;
using Phaseo.Orleans.Cli.Terminals;

namespace Phaseo.Orleans.Cli.Commands;

/// <summary><c>phaseo results</c>: the files of a batch that has ended.</summary>
internal sealed class ResultsCommand : Command
{
    private readonly CommonOptions _common;
    private readonly CliContext _context;
    private readonly Argument<string> _id = BatchSymbols.NewId();
    private readonly Option<string?> _output = new("--output", "-o")
    {
        Description = "Where rows answered 2xx go; - is standard output. Default: -.",
        HelpName = "OUT.jsonl",
    };

    private readonly Option<string?> _errors = new("--errors")
    {
        Description = "Where all other rows go. Default: they are not fetched.",
        HelpName = "ERR.jsonl",
    };

    private readonly Option<bool> _wait = new("--wait") { Description = "Wait until the batch has ended." };

    public ResultsCommand(CommonOptions common, CliContext context)
        : base("results", "Fetch the answers of a batch that has ended.")
    {
        (_common, _context) = (common, context);
        Add(_id);
        foreach (var option in new Option[] { _output, _errors, _wait, common.Server, common.Key })
        {
            Add(option);
        }

        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using var server = _common.OpenServer(parsed);
        var batch = await FindAsync(server, parsed, cancellation);
        if (batch.OutputFileId is { } output)
        {
            await SaveAsync(server.Client, output, parsed.GetValue(_output), cancellation);
        }

        if (batch.ErrorFileId is { } errors)
        {
            await SaveErrorsAsync(server.Client, batch, errors, parsed.GetValue(_errors), cancellation);
        }

        Faults.Write(_context, batch);
        return ExitCodes.Of(batch);
    }

    private async Task<BatchInfo> FindAsync(RemoteServer server, ParseResult parsed, CancellationToken cancellation)
    {
        var id = parsed.GetRequiredValue(_id);
        if (parsed.GetValue(_wait))
        {
            using var view = ProgressViews.Choose(_context, parsed.GetValue(_common.Json));
            return (await new BatchWatch(server, view, _context.Time).WaitAsync(id, cancellation)).Batch;
        }

        var batch = await server.Client.GetBatchAsync(id, cancellation);
        return batch.IsTerminal ? batch : throw new CliException(
            $"{batch.Id} is {batch.Status}, {batch.RequestCounts.Done} of {batch.RequestCounts.Total} rows; --wait waits for its end");
    }

    private async Task SaveErrorsAsync(
        PhaseoClient client, BatchInfo batch, string fileId, string? path, CancellationToken cancellation)
    {
        if (path is null)
        {
            _context.Error.WriteLine($"{Format.Count(batch.RequestCounts.Failed)} rows have no good answer; --errors FILE fetches them.");
            return;
        }

        await SaveAsync(client, fileId, path, cancellation);
    }

    private async Task SaveAsync(PhaseoClient client, string fileId, string? path, CancellationToken cancellation)
    {
        if (path is null or "-")
        {
            await using var standard = _context.OpenOut();
            await client.DownloadAsync(fileId, standard, null, cancellation);
            return;
        }

        using var part = await PartFile.DownloadAsync(client, fileId, Path.GetFullPath(path), null, cancellation);
        part.Place();
    }
}
