using System.CommandLine;

namespace Phaseo.Orleans.Cli.Commands;

/// <summary><c>phaseo cancel</c>: stops a batch; what was done is kept.</summary>
internal sealed class CancelCommand : Command
{
    public CancelCommand(CommonOptions common, CliContext context)
        : base("cancel", "Stop a batch. Answers that are there are kept.")
    {
        var id = BatchSymbols.NewId();
        Add(id);
        Add(common.Server);
        Add(common.Key);
        SetAction(async (parsed, cancellation) =>
        {
            await using var server = common.OpenServer(parsed);
            var batch = await server.Client.CancelBatchAsync(parsed.GetRequiredValue(id), cancellation);
            context.Out.WriteLine(parsed.GetValue(common.Json) ? batch.Raw.GetRawText() : $"{batch.Id} {batch.Status}");
            return ExitCodes.Ok;
        });
    }
}
