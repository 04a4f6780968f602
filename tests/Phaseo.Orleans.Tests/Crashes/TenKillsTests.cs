namespace Phaseo.Orleans.Tests.Crashes;

/// <summary>The promise at its full size. Runs for minutes, so only with <c>PHASEO_LONG_TESTS=1</c>.</summary>
public sealed class TenKillsTests
{
    private const int Kills = 10;
    private const int Rows = 20_000;

    [Fact]
    public async Task Ten_kills_of_a_large_batch_lose_nothing_and_repeat_few_calls()
    {
        LongTests.SkipUnlessAsked();
        var plan = new CrashPlan { Rows = Rows, Latency = TimeSpan.FromMilliseconds(200), Calls = 64, Faults = new() };
        await using var run = await CrashRun.StartAsync(plan);

        var recorded = 0;
        for (var kill = 1; kill <= Kills; kill++)
        {
            await run.StartSiloAsync();
            await run.SubmitAsync();
            var goal = Math.Max(recorded + 1, kill * Rows / (Kills + 2));
            await run.UntilAsync(seen => seen.Status == "in_progress" && seen.Completed >= goal, $"record {goal} rows");
            recorded = run.Last!.Completed;
            await run.KillAsync();
        }

        await run.StartSiloAsync();
        await run.UntilQuietAsync();
        var violations = await run.JudgeAsync();
        var repeated = run.Calls.Count - Rows;
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{Kills} kills, {run.Last!.Completed} rows completed, {repeated} calls repeated of {Kills * plan.RepeatedPerKill} allowed");

        Assert.Equal(("completed", Rows, 0), (run.Last.Status, run.Last.Completed, run.Last.Failed));
        Assert.Null(run.Last.ErrorFileId);
        Assert.InRange(repeated, 0, Kills * plan.RepeatedPerKill);
        Assert.Equal("", violations);
    }
}
