using System.CommandLine;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.LoadTests.Processes;

namespace Phaseo.Orleans.LoadTests.Engine;

/// <summary>
/// <c>reread</c>: starts a silo on what <c>batches</c> left and reads every batch; prints a <see cref="RunResult"/> in
/// records. Fails when one is not as it ended.
/// </summary>
internal static class RereadCommand
{
    public static Command Create()
    {
        var arguments = new EngineArguments();
        var folder = new Option<string>("--folder") { Required = true, Description = "Where the data is." };
        var rows = new Option<int>("--rows") { Required = true, Description = "Rows of every batch." };
        var command = new Command("reread", "Reads all that many small batches left.") { folder, rows };
        arguments.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var held = arguments.Hold(parsed, cancellation);
            var options = arguments.Read(parsed, parsed.GetValue(folder)!);
            var ids = await File.ReadAllLinesAsync(Path.Combine(options.Folder, BatchesCommand.IdsFile), held.Ended);
            await using var host = await EngineHost.StartAsync(options, held.Ended);
            var client = new EngineClient(host.Services);
            var meter = new ProcessMeter();
            foreach (var id in ids)
            {
                Check(await client.GetAsync(id, held.Ended), parsed.GetValue(rows));
            }

            meter.Stop(ids.Length).Print();
        });
        return command;
    }

    private static void Check(BatchView batch, int rows)
    {
        if (batch is not { Status: BatchStatus.Completed, Failed: 0, OutputFileId: not null } || batch.Total != rows || batch.Completed != rows)
        {
            throw new InvalidDataException($"{batch.Id} is {batch.Status} with {batch.Completed} of {batch.Total} rows.");
        }
    }
}
