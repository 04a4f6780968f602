using System.CommandLine;
using Phaseo.Orleans.LoadTests.Processes;

namespace Phaseo.Orleans.LoadTests.Engine;

/// <summary>
/// <c>sizes</c>: runs files one after another through one silo of this process, each some times over; prints a
/// <see cref="RunResult"/> in rows for each, in their order. Uploads are not measured.
/// </summary>
internal static class SizesCommand
{
    public static Command Create()
    {
        var arguments = new EngineArguments();
        var folder = new Option<string>("--folder") { Required = true, Description = "Where the silo keeps its data; removed at the end." };
        var input = new Option<string[]>("--input") { Required = true, AllowMultipleArgumentsPerToken = true, Description = "Files of rows, in the order in which they run; one may come again." };
        var batches = new Option<int[]>("--batches") { Required = true, AllowMultipleArgumentsPerToken = true, Description = "Batches of each, one after another." };
        var command = new Command("sizes", "Batches of several sizes in one process, measured.") { folder, input, batches };
        arguments.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var held = arguments.Hold(parsed, cancellation);
            var options = arguments.Read(parsed, parsed.GetValue(folder)!);
            try
            {
                await using var host = await EngineHost.StartAsync(options, held.Ended);
                var client = new EngineClient(host.Services);
                await WarmUp.RunAsync(client, options, arguments.WarmUpRows(parsed), held.Ended);
                await MeasureAsync(client, [.. parsed.GetValue(input)!.Zip(parsed.GetValue(batches)!)], held.Ended);
            }
            finally
            {
                Directory.Delete(options.Folder, recursive: true);
            }
        });
        return command;
    }

    private static async Task MeasureAsync(
        EngineClient client, IReadOnlyList<(string Path, int Batches)> steps, CancellationToken cancellation)
    {
        var files = new Dictionary<string, string>();
        foreach (var (path, _) in steps)
        {
            if (!files.ContainsKey(path))
            {
                files.Add(path, await client.UploadAsync(path, cancellation));
            }
        }

        foreach (var (path, batches) in steps)
        {
            var rows = 0;
            var meter = new ProcessMeter();
            for (var batch = 0; batch < batches; batch++)
            {
                rows += (await client.RunAsync(files[path], cancellation)).Completed;
            }

            meter.Stop(rows).Print();
        }
    }
}
