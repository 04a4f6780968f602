namespace Phaseo.Orleans.Tests.Crashes;

/// <summary>The process gets SIGTERM at a named point of a batch's life and is started again.</summary>
public sealed class GracefulStopTests
{
    [Theory]
    [InlineData("K4:1@TERM")]
    [InlineData("K6:1@TERM")]
    [InlineData("K7:300@TERM")]
    [InlineData("K8:6@TERM")]
    [InlineData("K10:3@TERM")]
    [InlineData("K12:1@TERM")]
    public async Task A_batch_stopped_at_a_point_goes_on_after_the_restart_and_repeats_no_call(string failPoint)
    {
        await using var run = await CrashRun.StartAsync(new());

        await run.StartSiloAsync(failPoint);
        await run.SubmitAsync();
        var exit = await run.UntilDeadAsync($"stop at {failPoint}");
        await run.StartSiloAsync();
        await run.UntilQuietAsync();
        var violations = await run.JudgeAsync(repeatedCalls: 0);

        Assert.Equal(0, exit);
        Assert.Equal("completed", run.Last!.Status);
        Assert.Equal("", violations);
    }

    // The stop waits two seconds for them.
    [Fact]
    public async Task Calls_that_a_stop_cannot_wait_for_are_made_again_under_new_numbers()
    {
        var plan = new CrashPlan { Rows = 24, Latency = TimeSpan.FromSeconds(4), Faults = new() };
        await using var run = await CrashRun.StartAsync(plan);

        await run.StartSiloAsync("K7:16@TERM");
        await run.SubmitAsync();
        await run.UntilDeadAsync("stop while calls are out");
        await run.StartSiloAsync();
        await run.UntilQuietAsync();
        var violations = await run.JudgeAsync(repeatedCalls: 0);

        Assert.Equal(("completed", plan.Rows), (run.Last!.Status, run.Last.Completed));
        Assert.InRange(run.Calls.Count, plan.Rows + 1, plan.Rows + plan.Calls);
        Assert.Equal("", violations);
    }
}
