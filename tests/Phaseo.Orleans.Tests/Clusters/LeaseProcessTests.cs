using Phaseo.Orleans.Testing;
using Phaseo.Orleans.Tests.Crashes;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Clusters;

/// <summary>A provider's limit over silo processes, measured where it counts: at the provider.</summary>
public sealed class LeaseProcessTests(Azurite azurite)
{
    private const int Limit = 20;
    private const int Frozen = 1;

    // How long after the thaw calls may still arrive that were checked before the freeze.
    private static readonly TimeSpan JustChecked = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_provider_never_has_more_calls_than_it_takes_while_the_lender_dies_and_a_holder_is_frozen()
    {
        var plan = new CrashPlan { Rows = 2_000, Latency = TimeSpan.FromMilliseconds(250), Calls = 16, ProviderCalls = Limit, Faults = new() };
        await using var run = await ClusterRun.StartAsync(plan, await azurite.AccountAsync(), silos: 3);
        await run.SubmitAsync();
        await run.UntilCallsAsync(400);

        // The first silo of a cluster asks first and so has the lender. It dies while another one stands still.
        await run.SignalAsync(Frozen, "STOP");
        var froze = run.Calls.Now;
        await run.KillAsync(0);
        await run.StartSiloAsync(0);
        await run.UntilCallsAsync(900);
        await run.SignalAsync(Frozen, "CONT");
        var thawed = run.Calls.Now;
        await run.UntilQuietAsync();
        await run.UntilAsync(seen => seen.IsTerminal, "end");
        var violations = await run.JudgeAsync(repeatedCalls: 2 * plan.RepeatedPerKill, frozen: true);

        var excepted = run.Calls.Timed.Count(IsExcepted);
        var most = MostAtOnce([.. run.Calls.Timed.Where(call => !IsExcepted(call))]);
        var dead = run.Calls.Timed.Where(call => call.Arrived > froze).Min(call => call.Arrived) - froze;
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{most} of {Limit} at once, {excepted} calls excepted, frozen for {(thawed - froze).TotalSeconds:0.0} s, next call after {dead.TotalSeconds:0.0} s");
        Assert.Equal(("completed", plan.Rows), (run.Last!.Status, run.Last.Completed));
        Assert.Equal("", violations);
        Assert.InRange(most, Limit / 2, Limit);
        Assert.InRange(excepted, 0, Limit);

        bool IsExcepted(TimedCall call) => call.Caller == ClusterRun.NameOf(Frozen)
            && (call.Ended ?? TimeSpan.MaxValue) >= froze && call.Arrived <= thawed + JustChecked;
    }

    /// <summary>The most calls that the provider had at one moment. An end comes before a beginning of the same time.</summary>
    private static int MostAtOnce(IReadOnlyList<TimedCall> calls)
    {
        var (most, now) = (0, 0);
        var changes = calls.Select(call => (At: call.Arrived, By: 1)).Concat(calls.Where(call => call.Ended is not null).Select(call => (At: call.Ended!.Value, By: -1)));
        foreach (var change in changes.Order())
        {
            now += change.By;
            most = Math.Max(most, now);
        }

        return most;
    }
}
