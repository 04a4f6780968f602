using System.CommandLine;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.LoadTests.Processes;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.LoadTests.Engine;

/// <summary>
/// <c>engine</c>: runs one file through a silo of this process, some times over, each from create to finished files;
/// prints a <see cref="RunResult"/> in rows. The upload comes before.
/// </summary>
internal static class EngineCommand
{
    private const string Chat = "/v1/chat/completions";

    public static Command Create()
    {
        var input = new Option<string>("--input") { Required = true, Description = "The rows." };
        var output = new Option<string>("--output") { Required = true, Description = "A copy of the last output file; a new file." };
        var endpoint = new Option<string>("--endpoint") { Required = true, Description = "Where the upstream is." };
        var concurrency = new Option<int>("--concurrency") { DefaultValueFactory = _ => 256, Description = "Calls at once." };
        var warmUp = new Option<int>("--warm-up") { Description = "Rows to run before measuring." };
        var batches = new Option<int>("--batches") { DefaultValueFactory = _ => 1, Description = "Batches of the file, one after another." };
        var leash = new Option<bool>("--leash") { Description = "End when standard input does." };
        var command = new Command("engine", "The engine on embedded storage, measured.")
        {
            input, output, endpoint, concurrency, warmUp, batches, leash,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var held = new Leash(parsed.GetValue(leash), cancellation);
            var path = parsed.GetValue(output)!;
            var options = new EngineOptions
            {
                Folder = path + ".engine",
                Upstream = new Uri(new Uri(parsed.GetValue(endpoint)!), "/"),
                Concurrency = parsed.GetValue(concurrency),
            };
            try
            {
                await using var host = await EngineHost.StartAsync(options, held.Ended);
                var client = new EngineClient(host.Services);
                await WarmUpAsync(client, path + ".warm-up", parsed.GetValue(warmUp), held.Ended);
                await MeasureAsync(client, parsed.GetValue(input)!, path, parsed.GetValue(batches), held.Ended);
            }
            finally
            {
                Directory.Delete(options.Folder, recursive: true);
            }
        });
        return command;
    }

    /// <summary>Runs a batch of rows like those that will be measured.</summary>
    public static async Task WarmUpAsync(EngineClient client, string path, int rows, CancellationToken cancellation)
    {
        if (rows == 0)
        {
            return;
        }

        await new RequestRows { Seed = -1 }.WriteAsync(path, rows, cancellation);
        var file = await client.UploadAsync(path, cancellation);
        File.Delete(path);
        await RunAsync(client, file, cancellation);
    }

    private static async Task MeasureAsync(EngineClient client, string input, string output, int batches, CancellationToken cancellation)
    {
        var file = await client.UploadAsync(input, cancellation);
        var last = "";
        var rows = 0;
        var meter = new ProcessMeter();
        for (var batch = 0; batch < batches; batch++)
        {
            var finished = await RunAsync(client, file, cancellation);
            (last, rows) = (finished.Id, rows + finished.Completed);
        }

        meter.Stop(rows).Print();
        await client.CopyOutAsync(BlobNames.Output(EngineClient.Workspace, last), output, cancellation);
    }

    private static async Task<BatchView> RunAsync(EngineClient client, string file, CancellationToken cancellation)
    {
        var id = await client.CreateAsync(file, Chat, cancellation);
        var batch = await client.UntilTerminalAsync(id, null, cancellation);
        return batch.Status == BatchStatus.Completed && batch.Failed == 0
            ? batch
            : throw new InvalidOperationException($"The batch is {batch.Status} with {batch.Failed} failed rows.");
    }
}
