using System.CommandLine;
using System.Text.Json;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.LoadTests.Processes;

namespace Phaseo.Orleans.LoadTests.Engine;

/// <summary>
/// <c>batches</c>: creates many batches of one file, several at once, and waits until all are completed; prints a
/// <see cref="RunResult"/> in batches and a <see cref="CleanResult"/>, and then stays until it is stopped or killed.
/// The data stays; the ids are in a file beside it.
/// </summary>
internal static class BatchesCommand
{
    /// <summary>The file with the ids of all batches, one a line, in the silo's folder.</summary>
    public const string IdsFile = "ids";

    public static Command Create()
    {
        var arguments = new EngineArguments();
        var folder = new Option<string>("--folder") { Required = true, Description = "Where the silo keeps its data." };
        var input = new Option<string>("--input") { Required = true, Description = "The rows of every batch." };
        var count = new Option<int>("--count") { DefaultValueFactory = _ => 10_000, Description = "Batches." };
        var creators = new Option<int>("--creators") { DefaultValueFactory = _ => 32, Description = "Creates at once." };
        var before = new Option<int>("--batches-before") { Description = "Batches to run before measuring." };
        var command = new Command("batches", "Many small batches, measured.") { folder, input, count, creators, before };
        arguments.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var held = arguments.Hold(parsed, cancellation);
            var options = arguments.Read(parsed, parsed.GetValue(folder)!);
            await using var host = await EngineHost.StartAsync(options, held.Ended);
            var client = new EngineClient(host.Services);
            await WarmUp.RunAsync(client, options, arguments.WarmUpRows(parsed), held.Ended);
            var file = await client.UploadAsync(parsed.GetValue(input)!, held.Ended);
            var together = parsed.GetValue(creators);
            await RunAsync(client, file, parsed.GetValue(before), together, held.Ended);

            var meter = new ProcessMeter();
            var ids = await RunAsync(client, file, parsed.GetValue(count), together, held.Ended);
            var result = meter.Stop(ids.Length);
            var clean = await CleanResult.WaitAsync(host.Services, ids, file, held.Ended);
            await File.WriteAllLinesAsync(Path.Combine(options.Folder, IdsFile), ids, held.Ended);
            result.Print();
            Console.WriteLine(JsonSerializer.Serialize(clean));
            await held.WaitAsync();
        });
        return command;
    }

    /// <summary>The ids, in any order.</summary>
    private static async Task<string[]> RunAsync(
        EngineClient client, string file, int count, int creators, CancellationToken cancellation)
    {
        var ids = new string[count];
        var several = new ParallelOptions { MaxDegreeOfParallelism = creators, CancellationToken = cancellation };
        await Parallel.ForAsync(
            0, count, several, async (batch, token) => ids[batch] = await client.CreateAsync(file, EngineClient.Chat, token));
        foreach (var id in ids)
        {
            var batch = await client.UntilTerminalAsync(id, null, cancellation);
            if (batch.Status != BatchStatus.Completed || batch.Completed != batch.Total)
            {
                throw new InvalidOperationException($"{id} is {batch.Status} with {batch.Failed} failed rows.");
            }
        }

        return ids;
    }
}
