using System.CommandLine;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.LoadTests.Engine;

/// <summary>
/// <c>get</c>: a silo with its API, a finished batch, one that runs, and an empty endpoint behind the same pipeline;
/// prints <see cref="GetTargets"/> and stays until it is stopped. The upstream under load must not answer for long.
/// </summary>
internal static class GetCommand
{
    private const int Rows = 5;
    private const string Empty = "/empty";

    public static Command Create()
    {
        var arguments = new EngineArguments();
        var folder = new Option<string>("--folder") { Required = true, Description = "Where the silo keeps its data." };
        var command = new Command("get", "A silo to send reads to.") { folder };
        arguments.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var held = arguments.Hold(parsed, cancellation);
            var options = arguments.Read(parsed, parsed.GetValue(folder)!);
            await using var host = await EngineHost.StartAsync(
                options, held.Ended, app => app.MapGet(Empty, () => Results.Ok()));
            var client = new EngineClient(host.Services);
            var terminal = await CreateAsync(client, options, EchoCatalog.WarmUpModel, batch => batch.Status.IsTerminal(), held.Ended);
            var running = await CreateAsync(client, options, EchoCatalog.Model, batch => batch.Status == BatchStatus.InProgress, held.Ended);
            Console.WriteLine(JsonSerializer.Serialize(new GetTargets(host.Address, Empty, PathOf(terminal), PathOf(running))));
            await held.WaitAsync();
        });
        return command;
    }

    private static async Task<string> CreateAsync(
        EngineClient client, EngineOptions options, string model, Func<BatchView, bool> isReached, CancellationToken cancellation)
    {
        var path = Path.Combine(options.Folder, "input");
        await new RequestRows { Model = model }.WriteAsync(path, Rows, cancellation);
        var file = await client.UploadAsync(path, cancellation);
        File.Delete(path);
        var id = await client.CreateAsync(file, EngineClient.Chat, cancellation);
        await client.UntilAsync(id, isReached, null, cancellation);
        return id;
    }

    private static string PathOf(string id) => "/v1/batches/" + id;
}

/// <summary>What can be read.</summary>
/// <param name="Address">Where.</param>
/// <param name="Empty">The path of the empty endpoint.</param>
/// <param name="Terminal">The path of a finished batch.</param>
/// <param name="Running">The path of a batch that runs.</param>
internal sealed record GetTargets(Uri Address, string Empty, string Terminal, string Running);
