#pragma warning disable OPENAI001 // OpenAI's batch client is experimental in its own library.
using System.ClientModel;
using System.Text;
using System.Text.Json;
using OpenAI;
using OpenAI.Files;
using Phaseo.Orleans.Tests.Crashes;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Clusters;

/// <summary>Every silo of a cluster is stopped and started again in its turn, under load.</summary>
public sealed class RollingRestartTests(Azurite azurite)
{
    private const int Silos = 3;

    // Of each client: the batch that is judged has to stay on the first page of the list.
    private const int MostBatches = 5;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Neither_clients_nor_providers_notice_a_rolling_restart()
    {
        var plan = new CrashPlan { Rows = 5_000, Latency = TimeSpan.FromMilliseconds(400), Calls = 24, Faults = new() };
        await using var run = await ClusterRun.StartAsync(plan, await azurite.AccountAsync(), Silos);
        await using var balancer = new ReadyBalancer(() => Enumerable.Range(0, Silos).Select(run.AddressOf).OfType<Uri>());
        await run.SubmitAsync();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var clients = Enumerable.Range(0, 3).Select(_ => UseAsync(balancer.Address, enough.Token)).ToArray();

        var stops = new List<(int Exit, TimeSpan Took)>();
        for (var silo = 0; silo < Silos; silo++)
        {
            await run.UntilCallsAsync((silo + 1) * plan.Rows / (Silos + 2));
            stops.Add(await run.StopAsync(silo));
            await run.StartSiloAsync(silo);
        }

        await run.UntilAsync(seen => seen.IsTerminal, "end");
        await enough.CancelAsync();
        var requests = await Task.WhenAll(clients);
        await run.UntilQuietAsync();
        var violations = await run.JudgeAsync();

        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{requests.Sum()} requests; stops took {string.Join(", ", stops.Select(stop => $"{stop.Took.TotalSeconds:0.0} s"))}");
        Assert.All(stops, stop => Assert.Equal(0, stop.Exit));
        Assert.Equal(("completed", plan.Rows), (run.Last!.Status, run.Last.Completed));
        Assert.Equal("", violations);
        Assert.All(run.Calls.Calls.CountBy(call => call.RowId), row => Assert.Equal(1, row.Value));
        Assert.All(requests, count => Assert.InRange(count, 20, int.MaxValue));
    }

    // With OpenAI's own library and its own idea of retries. Any failure that it shows ends the test.
    private static async Task<int> UseAsync(Uri server, CancellationToken enough)
    {
        var openAi = new OpenAIClient(new ApiKeyCredential(ClusterRun.Key), new OpenAIClientOptions { Endpoint = new Uri(server, "/v1") });
        var (files, batches) = (openAi.GetOpenAIFileClient(), openAi.GetBatchClient());
        var batchIds = new List<string>();
        var requests = 0;
        while (!enough.IsCancellationRequested)
        {
            if (requests % 50 == 0 && batchIds.Count < MostBatches)
            {
                using var content = new MemoryStream(Encoding.UTF8.GetBytes("not a row\n"));
                OpenAIFile file = await files.UploadFileAsync(content, "rows.jsonl", new FileUploadPurpose("batch"), Cancellation);
                batchIds.Add((await batches.CreateBatchAsync(Body(file.Id), waitUntilCompleted: false)).BatchId);
            }

            var asked = batchIds[requests % batchIds.Count];
            var read = await batches.GetBatchAsync(asked, new());
            Assert.Equal(asked, JsonElement.Parse(read.GetRawResponse().Content).GetProperty("id").GetString());
            await foreach (var listed in batches.GetBatchesAsync(cancellationToken: Cancellation))
            {
                Assert.StartsWith("batch_", listed.Id, StringComparison.Ordinal);
                break;
            }

            requests++;
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);
        }

        return requests;
    }

    private static BinaryContent Body(string fileId) => BinaryContent.Create(BinaryData.FromString(
        $$"""{"input_file_id":"{{fileId}}","endpoint":"/v1/chat/completions","completion_window":"24h"}"""));
}
