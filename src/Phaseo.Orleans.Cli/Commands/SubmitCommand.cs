using System.CommandLine;
using Phaseo.Orleans.Cli.Client;
using Phaseo.Orleans.Cli.Runs;
using Phaseo.Orleans.Cli.Terminals;

namespace Phaseo.Orleans.Cli.Commands;

/// <summary><c>phaseo submit</c>: creates a batch on a server and leaves it to it.</summary>
internal sealed class SubmitCommand : Command
{
    private readonly CommonOptions _common;
    private readonly CliContext _context;
    private readonly BatchSymbols _batch = new();
    private readonly Option<string[]> _metadata = new("--metadata")
    {
        Description = "A pair to keep with the batch; may be repeated.",
        HelpName = "KEY=VALUE",
    };

    private readonly Option<string?> _session = new("--session-id")
    {
        Description = "Groups the batch with related requests.",
        HelpName = "ID",
    };

    public SubmitCommand(CommonOptions common, CliContext context)
        : base("submit", "Upload a file and create a batch on a server; prints its id.")
    {
        (_common, _context) = (common, context);
        _batch.AddTo(this);
        foreach (var option in new Option[] { _metadata, _session, common.Server, common.Key })
        {
            Add(option);
        }

        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var path = Path.GetFullPath(parsed.GetRequiredValue(_batch.Input));
        if (!File.Exists(path))
        {
            throw new CliException($"{path} does not exist");
        }

        var json = parsed.GetValue(_common.Json);
        await using var server = _common.OpenServer(parsed);
        BatchInfo batch;
        using (var view = ProgressViews.Choose(_context, json))
        {
            batch = await SubmitAsync(server.Client, path, parsed, view, cancellation);
        }

        _context.Out.WriteLine(json ? batch.Raw.GetRawText() : batch.Id);
        return ExitCodes.Ok;
    }

    private async Task<BatchInfo> SubmitAsync(
        PhaseoClient client, string path, ParseResult parsed, IProgressView view, CancellationToken cancellation)
    {
        var metadata = KeyValues.Parse("--metadata", parsed.GetValue(_metadata) ?? []);
        var input = await InputFile.ReadAsync(path, cancellation);
        var key = "phaseo-submit-" + Guid.NewGuid().ToString("N");
        var fileId = await client.UploadAsync(
            path, key + "-file", sent => view.Show(new(RunStage.Uploading, sent, input.Bytes)), cancellation);
        var asked = new NewBatch
        {
            InputFileId = fileId,
            Endpoint = parsed.GetValue(_batch.Endpoint) ?? input.Url ?? RunPlan.DefaultEndpoint,
            CompletionWindow = parsed.GetRequiredValue(_batch.Window),
            Metadata = metadata.Count == 0 ? null : metadata,
            SessionId = parsed.GetValue(_session),
        };
        return await client.CreateBatchAsync(asked, key + "-batch", cancellation);
    }
}
