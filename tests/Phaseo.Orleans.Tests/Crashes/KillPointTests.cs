using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.Tests.Crashes;

/// <summary>
/// The process dies by SIGKILL at each named point of a batch's life and is started again. Points after which it takes
/// a minute to see the end are <see cref="SlowKillTests"/>'.
/// </summary>
public sealed class KillPointTests
{
    // Of a batch of several shards, and of one with a single shard, which takes a shorter way.
    [Theory]
    [InlineData("K2e:1", 1_200)]
    [InlineData("K3:1", 1_200)]
    [InlineData("K4:1", 1_200)]
    [InlineData("K5:1", 1_200)]
    [InlineData("K6:1", 1_200)]
    [InlineData("K6:2", 1_200)]
    [InlineData("K7:1", 1_200)]
    [InlineData("K7:600", 1_200)]
    [InlineData("K8:6", 1_200)]
    [InlineData("K9:6", 1_200)]
    [InlineData("K10:3", 1_200)]
    [InlineData("K11:1", 1_200)]
    [InlineData("K12:1", 1_200)]
    [InlineData("K5:1", 5)]
    [InlineData("K6:1", 5)]
    [InlineData("K7:3", 5)]
    [InlineData("K8:1", 5)]
    [InlineData("K9:1", 5)]
    [InlineData("K10:1", 5)]
    [InlineData("K11:1", 5)]
    [InlineData("K12:1", 5)]
    public async Task A_batch_killed_at_a_point_completes_as_if_nothing_had_happened(string failPoint, int rows)
    {
        await using var run = await CrashRun.StartAsync(new() { Rows = rows });

        await run.StartSiloAsync(failPoint);
        await run.SubmitAsync();
        var exit = await run.UntilDeadAsync($"reach {failPoint}");
        await run.StartSiloAsync();
        await run.SubmitAsync();
        await run.UntilQuietAsync();
        var violations = await run.JudgeAsync();

        Assert.Equal(SiloProcess.Killed, exit);
        Assert.Equal("completed", run.Last!.Status);
        Assert.Equal("", violations);
    }
}
