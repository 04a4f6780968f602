using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.Tests.Crashes;

/// <summary>The process dies by SIGKILL at each named point that a batch passes after it was asked to stop.</summary>
public sealed class KillWhileCancellingTests
{
    [Theory]
    [InlineData("K8:1")]
    [InlineData("K9:1")]
    [InlineData("K10:1")]
    [InlineData("K11:1")]
    [InlineData("K12:1")]
    public async Task A_batch_killed_while_cancelling_ends_cancelled_with_what_was_done(string failPoint)
    {
        await using var run = await CrashRun.StartAsync(new() { Latency = TimeSpan.FromSeconds(2) });

        // Nothing is recorded in the two seconds that the first calls take, so no point before the cancel is reached.
        await run.StartSiloAsync(failPoint);
        await run.SubmitAsync();
        await run.UntilAsync(seen => seen.Status == "in_progress" && run.Calls.Count > 0, "start calls");
        var asked = await run.CancelAsync();
        var exit = await run.UntilDeadAsync($"reach {failPoint}");
        await run.StartSiloAsync();
        await run.UntilQuietAsync();
        var violations = await run.JudgeAsync();

        Assert.True(asked);
        Assert.Equal(SiloProcess.Killed, exit);
        Assert.Equal("cancelled", run.Last!.Status);
        Assert.Equal("", violations);
    }
}
