using System.CommandLine;

namespace Phaseo.Orleans.Cli.Commands;

/// <summary><c>phaseo get</c>: one batch.</summary>
internal sealed class GetCommand : Command
{
    public GetCommand(CommonOptions common, CliContext context)
        : base("get", "Show a batch.")
    {
        var id = BatchSymbols.NewId();
        Add(id);
        Add(common.Server);
        Add(common.Key);
        SetAction(async (parsed, cancellation) =>
        {
            await using var server = common.OpenServer(parsed);
            var batch = await server.Client.GetBatchAsync(parsed.GetRequiredValue(id), cancellation);
            BatchText.Write(context, batch, parsed.GetValue(common.Json));
            return ExitCodes.Ok;
        });
    }
}
