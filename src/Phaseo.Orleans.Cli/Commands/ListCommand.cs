using System.CommandLine;
using Phaseo.Orleans.Cli.Client;
using Phaseo.Orleans.Cli.Terminals;

namespace Phaseo.Orleans.Cli.Commands;

/// <summary><c>phaseo list</c>: batches, newest first.</summary>
internal sealed class ListCommand : Command
{
    private readonly CommonOptions _common;
    private readonly CliContext _context;
    private readonly Option<int?> _limit = new("--limit") { Description = "Batches at most, 1-100. Default: 20.", HelpName = "N" };
    private readonly Option<string?> _after = new("--after") { Description = "Only batches older than this one.", HelpName = "BATCH" };
    private readonly Option<string[]> _status = new("--status")
    {
        Description = "Only batches of this status; may be repeated.",
        HelpName = "STATUS",
    };

    private readonly Option<string?> _session = new("--session-id") { Description = "Only batches of this session.", HelpName = "ID" };
    private readonly Option<string[]> _metadata = new("--metadata")
    {
        Description = "Only batches with this pair; may be repeated.",
        HelpName = "KEY=VALUE",
    };

    public ListCommand(CommonOptions common, CliContext context)
        : base("list", "List batches, newest first.")
    {
        (_common, _context) = (common, context);
        foreach (var option in new Option[] { _limit, _after, _status, _session, _metadata, common.Server, common.Key })
        {
            Add(option);
        }

        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using var server = _common.OpenServer(parsed);
        var page = await server.Client.ListBatchesAsync(ReadFilter(parsed), cancellation);
        Print(page, parsed.GetValue(_common.Json));
        return ExitCodes.Ok;
    }

    private BatchFilter ReadFilter(ParseResult parsed) => new(
        parsed.GetValue(_limit),
        parsed.GetValue(_after),
        parsed.GetValue(_status),
        parsed.GetValue(_session),
        KeyValues.Parse("--metadata", parsed.GetValue(_metadata) ?? []));

    private void Print(BatchPage page, bool json)
    {
        if (json)
        {
            _context.Out.WriteLine(page.Raw.GetRawText());
            return;
        }

        if (page.Data.Count == 0)
        {
            _context.Error.WriteLine("No batches.");
            return;
        }

        TextTable.Write(
            _context.Out,
            _context.OutIsTerminal,
            ["id", "status", "done", "rows", "failed", "created", "model"],
            [.. page.Data.Select(Row)]);
        if (page.HasMore)
        {
            _context.Error.WriteLine($"There are more: --after {page.Data[^1].Id}");
        }
    }

    private static string[] Row(BatchInfo batch) =>
    [
        batch.Id,
        batch.Status,
        Format.Count(batch.RequestCounts.Done),
        Format.Count(batch.RequestCounts.Total),
        Format.Count(batch.RequestCounts.Failed),
        Format.Time(batch.CreatedAt),
        batch.Model ?? "-",
    ];
}
