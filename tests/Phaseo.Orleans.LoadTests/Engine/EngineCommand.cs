using System.CommandLine;
using Phaseo.Orleans.LoadTests.Processes;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.LoadTests.Engine;

/// <summary>
/// <c>engine</c>: runs one file through a silo of this process, some times over, each from create to finished files;
/// prints a <see cref="RunResult"/> in rows. The upload comes before.
/// </summary>
internal static class EngineCommand
{
    public static Command Create()
    {
        var arguments = new EngineArguments();
        var input = new Option<string>("--input") { Required = true, Description = "The rows." };
        var output = new Option<string>("--output") { Required = true, Description = "A copy of the last output file; a new file." };
        var batches = new Option<int>("--batches") { DefaultValueFactory = _ => 1, Description = "Batches of the file, one after another." };
        var command = new Command("engine", "The engine on embedded storage, measured.") { input, output, batches };
        arguments.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var held = arguments.Hold(parsed, cancellation);
            var path = parsed.GetValue(output)!;
            var options = arguments.Read(parsed, path + ".engine");
            try
            {
                await using var host = await EngineHost.StartAsync(options, held.Ended);
                var client = new EngineClient(host.Services);
                await WarmUp.RunAsync(client, options, arguments.WarmUpRows(parsed), held.Ended);
                await MeasureAsync(client, parsed.GetValue(input)!, path, parsed.GetValue(batches), held.Ended);
            }
            finally
            {
                Directory.Delete(options.Folder, recursive: true);
            }
        });
        return command;
    }

    private static async Task MeasureAsync(EngineClient client, string input, string output, int batches, CancellationToken cancellation)
    {
        var file = await client.UploadAsync(input, cancellation);
        var last = "";
        var rows = 0;
        var meter = new ProcessMeter();
        for (var batch = 0; batch < batches; batch++)
        {
            var finished = await client.RunAsync(file, cancellation);
            (last, rows) = (finished.Id, rows + finished.Completed);
        }

        meter.Stop(rows).Print();
        await client.CopyOutAsync(BlobNames.Output(EngineClient.Workspace, last), output, cancellation);
    }
}
