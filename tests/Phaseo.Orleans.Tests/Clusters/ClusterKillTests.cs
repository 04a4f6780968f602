using Phaseo.Orleans.Tests.Crashes;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Clusters;

/// <summary>Silo processes on one storage account, killed with -9 while a batch runs.</summary>
public sealed class ClusterKillTests(Azurite azurite)
{
    private const int Silos = 3;

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
}
