using System.Net;
using System.Text.Json;
using Phaseo.Orleans.Testing;
using Phaseo.Orleans.Tests.Crashes;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Clusters;

/// <summary>The storage of a cluster is away for a while.</summary>
public sealed class StorageOutageTests
{
    private const int Silos = 3;

    // engine.md 5: work goes on within 60 s of the outage's end.
    private static readonly TimeSpan GoesOnWithin = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(2_000, 10)]
    [InlineData(6_000, 60)]
    public async Task A_batch_waits_for_its_storage_and_goes_on(int rows, int seconds)
    {
        if (seconds > 30)
        {
            LongTests.SkipUnlessAsked();
        }

        using var folder = new TempFolder();
        var azurite = await AzuriteProcess.StartAsync(folder.Path);
        try
        {
            var plan = new CrashPlan { Rows = rows, Latency = TimeSpan.FromMilliseconds(200), Calls = 24, Faults = new() };
            await using var run = await ClusterRun.StartAsync(plan, new AzureAccount(azurite.ConnectionString), Silos);
            await run.SubmitAsync();
            await run.UntilCallsAsync(rows / 3);

            await azurite.DisposeAsync();
            var answers = await AskForAsync(run, TimeSpan.FromSeconds(seconds));
            var ended = run.Calls.Now;
            azurite = await AzuriteProcess.StartAsync(folder.Path, azurite);
            await run.UntilQuietAsync();
            await run.UntilAsync(seen => seen.IsTerminal, "end");
            var violations = await run.JudgeAsync();

            var goesOn = run.Calls.Timed.Select(call => call.Arrived).Where(at => at > ended).Min() - ended;
            TestContext.Current.TestOutputHelper!.WriteLine(
                $"{answers} answers of 503 in {seconds} s; the next call came {goesOn.TotalSeconds:0.0} s after the storage's start");
            Assert.Equal(("completed", rows, 0), (run.Last!.Status, run.Last.Completed, run.Last.Failed));
            Assert.Equal("", violations);
            Assert.True(answers > 0);
            Assert.InRange(goesOn, TimeSpan.Zero, GoesOnWithin);
        }
        finally
        {
            await azurite.DisposeAsync();
        }
    }

    /// <summary>Asks again and again; how many answers were a refusal for now. Any other refusal fails.</summary>
    private static async Task<int> AskForAsync(ClusterRun run, TimeSpan time)
    {
        var refused = 0;
        for (var start = run.Calls.Now; run.Calls.Now < start + time;)
        {
            refused += await AskAsync(run, "/v1/batches", mayAnswer: false);
            refused += await AskAsync(run, run.BatchPath, mayAnswer: true);
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        return refused;
    }

    private static async Task<int> AskAsync(ClusterRun run, string path, bool mayAnswer)
    {
        using var response = await run.AskAsync(path);
        if (mayAnswer && response.StatusCode == HttpStatusCode.OK)
        {
            return 0;
        }

        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.StatusCode == HttpStatusCode.ServiceUnavailable, $"{path}: {(int)response.StatusCode} {body}");
        Assert.NotNull(response.Headers.RetryAfter?.Delta);
        Assert.Equal(JsonValueKind.String, JsonDocument.Parse(body).RootElement.GetProperty("error").GetProperty("message").ValueKind);
        return 1;
    }
}
