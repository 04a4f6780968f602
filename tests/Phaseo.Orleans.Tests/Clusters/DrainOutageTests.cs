using Phaseo.Orleans.Testing;
using Phaseo.Orleans.Tests.Crashes;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Clusters;

/// <summary>Silos are told to stop while their storage is away.</summary>
public sealed class DrainOutageTests
{
    private static readonly string[] Limits = ["--Drain:CallLimit=00:00:02", "--Drain:FlushLimit=00:00:02", "--Drain:LeaveLimit=00:00:05"];

    // The limits, and the end of a process on a busy machine.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2 + 2 + 5 + 6);

    [Fact]
    public async Task A_stop_without_storage_ends_in_time_and_loses_nothing()
    {
        using var folder = new TempFolder();
        var azurite = await AzuriteProcess.StartAsync(folder.Path);
        try
        {
            var plan = new CrashPlan { Rows = 1_500, Latency = TimeSpan.FromMilliseconds(200), Calls = 24, Faults = new() };
            await using var run = await ClusterRun.StartAsync(plan, new AzureAccount(azurite.ConnectionString), silos: 2, _ => Limits);
            await run.SubmitAsync();
            await run.UntilCallsAsync(500);

            await azurite.DisposeAsync();
            var stopped = await Task.WhenAll(run.StopAsync(0), run.StopAsync(1));
            azurite = await AzuriteProcess.StartAsync(folder.Path, azurite);
            await run.StartSiloAsync(0);
            await run.UntilQuietAsync();
            await run.UntilAsync(seen => seen.IsTerminal, "end");
            var violations = await run.JudgeAsync(repeatedCalls: 2 * plan.RepeatedPerKill);

            TestContext.Current.TestOutputHelper!.WriteLine($"The stops took {stopped[0].Took.TotalSeconds:0.0} and {stopped[1].Took.TotalSeconds:0.0} s");
            Assert.All(stopped, stop => Assert.InRange(stop.Took, TimeSpan.Zero, Longest));
            Assert.All(stopped, stop => Assert.Equal(0, stop.Exit));
            Assert.Equal(("completed", plan.Rows), (run.Last!.Status, run.Last.Completed));
            Assert.Equal("", violations);
        }
        finally
        {
            await azurite.DisposeAsync();
        }
    }
}
