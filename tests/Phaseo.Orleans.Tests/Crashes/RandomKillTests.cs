using System.Globalization;

namespace Phaseo.Orleans.Tests.Crashes;

/// <summary>
/// The process dies by SIGKILL at moments that a seed chooses. <c>PHASEO_CRASH_SEEDS=17</c> replays one seed,
/// <c>PHASEO_CRASH_SEEDS=1-200</c> tries many.
/// </summary>
public sealed class RandomKillTests
{
    private const string SeedsVariable = "PHASEO_CRASH_SEEDS";
    private const string DefaultSeeds = "1-3";
    private const int MostKills = 4;
    private const int LongestWaitMs = 1_500;

    public static TheoryData<int> Seeds()
    {
        var text = Environment.GetEnvironmentVariable(SeedsVariable) is { Length: > 0 } given ? given : DefaultSeeds;
        var ends = text.Split('-').Select(end => int.Parse(end, CultureInfo.InvariantCulture)).ToArray();
        return [.. Enumerable.Range(ends[0], ends[^1] - ends[0] + 1)];
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task A_batch_killed_at_random_moments_keeps_every_promise(int seed)
    {
        var random = new Random(seed);
        var plan = new CrashPlan { Rows = 2_000, Latency = TimeSpan.FromMilliseconds(random.Next(5, 40)) };
        await using var run = await CrashRun.StartAsync(plan, seed);

        for (var kills = random.Next(1, MostKills + 1); kills > 0; kills--)
        {
            await run.StartSiloAsync();
            await run.SubmitAsync();
            await MomentAsync(run, plan, random);
            await run.KillAsync();
        }

        await run.StartSiloAsync();
        await run.SubmitAsync();
        await run.UntilQuietAsync();
        var violations = await run.JudgeAsync();

        Assert.Equal("completed", run.Last!.Status);
        Assert.Equal("", violations);
    }

    // After so many calls more, or after so much time: the latter also falls before the first call and after the last.
    private static Task<bool> MomentAsync(CrashRun run, CrashPlan plan, Random random)
    {
        if (random.Next(2) == 0)
        {
            var calls = run.Calls.Count + random.Next(plan.Rows / 2);
            return run.UntilAsync(seen => seen.IsTerminal || run.Calls.Count >= calls, $"make {calls} calls");
        }

        var started = TimeProvider.System.GetTimestamp();
        var wait = TimeSpan.FromMilliseconds(random.Next(LongestWaitMs));
        return run.UntilAsync(_ => TimeProvider.System.GetElapsedTime(started) >= wait, "answer");
    }
}
