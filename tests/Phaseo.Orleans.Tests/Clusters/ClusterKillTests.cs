using Phaseo.Orleans.Tests.Crashes;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Clusters;

/// <summary>Silo processes on one storage account, killed with -9 while a batch runs.</summary>
public sealed class ClusterKillTests(Azurite azurite)
{
    private const int Silos = 3;

    // I5.
    private static readonly TimeSpan GoesOnWithin = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_batch_survives_the_kill_of_each_of_three_silos()
    {
        var plan = new CrashPlan { Rows = 6_000, Latency = TimeSpan.FromMilliseconds(200), Calls = 24 };
        await using var run = await ClusterRun.StartAsync(plan, await azurite.AccountAsync(), Silos);
        await run.SubmitAsync();

        for (var silo = 0; silo < Silos; silo++)
        {
            var goal = (silo + 1) * plan.Rows / (Silos + 2);
            await run.UntilAsync(seen => seen.Completed >= goal, $"record {goal} rows");
            await run.KillAsync(silo);
            await run.StartSiloAsync(silo);
        }

        await run.UntilQuietAsync();
        await run.UntilAsync(seen => seen.IsTerminal, "end");
        var violations = await run.JudgeAsync();

        Assert.Equal("completed", run.Last!.Status);
        Assert.Equal("", violations);
    }

    [Theory]
    [InlineData(3_000, 2)]
    [InlineData(20_000, 10)]
    public async Task Work_of_a_killed_silo_goes_on_within_30_seconds_while_nobody_asks(int rows, int kills)
    {
        if (rows > 10_000)
        {
            LongTests.SkipUnlessAsked();
        }

        var plan = new CrashPlan { Rows = rows, Latency = TimeSpan.FromMilliseconds(200), Calls = 24, Faults = new() };
        await using var run = await ClusterRun.StartAsync(plan, await azurite.AccountAsync(), Silos);
        await run.SubmitAsync();

        for (var kill = 1; kill <= kills; kill++)
        {
            await run.UntilCallsAsync(kill * rows / (kills + 1));
            await run.KillAsync(kill % Silos);
            await run.StartSiloAsync(kill % Silos);
        }

        await run.UntilQuietAsync();
        var takeovers = run.FindTakeovers();
        await run.UntilAsync(seen => seen.IsTerminal, "end");
        var violations = await run.JudgeAsync();
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{Takeovers.ToMarkdown(takeovers)}\n{run.Calls.Count - rows} calls repeated of {kills * plan.RepeatedPerKill} allowed");

        Assert.Equal(("completed", rows, 0), (run.Last!.Status, run.Last.Completed, run.Last.Failed));
        Assert.Equal("", violations);
        Assert.Equal(kills, takeovers.Count);
        Assert.Contains(takeovers, takeover => takeover.Shards > 0);
        Assert.All(takeovers, takeover => Assert.InRange(takeover.Last ?? TimeSpan.Zero, TimeSpan.Zero, GoesOnWithin));
    }
}
