using Phaseo.Orleans.Tests.Crashes;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Clusters;

/// <summary>Every silo of a cluster is killed, and one is started again.</summary>
public sealed class FullCrashTests(Azurite azurite)
{
    // I5: 120 s alone. What the dead silos left in the membership table must not be waited for any longer.
    private static readonly TimeSpan GoesOnWithin = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task One_silo_goes_on_with_what_a_whole_cluster_left()
    {
        var plan = new CrashPlan { Rows = 2_000, Latency = TimeSpan.FromMilliseconds(200), Calls = 32, Faults = new() };
        await using var run = await ClusterRun.StartAsync(plan, await azurite.AccountAsync(), silos: 3);
        await run.SubmitAsync();
        await run.UntilCallsAsync(500);

        await Task.WhenAll(run.KillAsync(0), run.KillAsync(1), run.KillAsync(2));
        var killed = run.Calls.Now;
        await run.StartSiloAsync(0);
        var started = run.Calls.Now;
        await run.UntilQuietAsync();
        await run.UntilAsync(seen => seen.IsTerminal, "end");
        var violations = await run.JudgeAsync();

        var goesOn = run.Calls.Timed.Where(call => call.Arrived > killed).Min(call => call.Arrived);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"The API listened {(started - killed).TotalSeconds:0.0} s after the crash, the next call came after {(goesOn - killed).TotalSeconds:0.0} s");
        Assert.Equal(("completed", plan.Rows), (run.Last!.Status, run.Last.Completed));
        Assert.Equal("", violations);
        Assert.InRange(goesOn - killed, TimeSpan.Zero, GoesOnWithin);
    }
}
