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
}
