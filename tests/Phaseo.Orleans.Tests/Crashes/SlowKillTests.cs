using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.Tests.Crashes;

/// <summary>Kills whose outcome takes a minute: only with <c>PHASEO_LONG_TESTS=1</c>.</summary>
public sealed class SlowKillTests
{
    // Its claim is 60 seconds old before another request may go on with the same id.
    [Fact]
    public async Task An_upload_or_create_killed_between_two_of_its_steps_is_taken_over_under_its_key()
    {
        LongTests.SkipUnlessAsked();
        string[] failPoints = ["K1:1", "K2a:1", "K2b:1", "K2c:1", "K2d:1"];

        var violations = await Task.WhenAll(failPoints.Select(async failPoint =>
        {
            await using var run = await CrashRun.StartAsync(new() { Rows = 5 });
            await run.StartSiloAsync(failPoint);
            await run.SubmitAsync();
            var exit = await run.UntilDeadAsync($"reach {failPoint}");
            await run.StartSiloAsync();
            await run.SubmitAsync();
            await run.UntilQuietAsync();
            var found = await run.JudgeAsync();
            return exit == SiloProcess.Killed && run.Last!.Status == "completed" ? found : $"{failPoint}: {exit}, {run.Last}, {found}";
        }));

        Assert.All(violations, violation => Assert.Equal("", violation));
    }

    // Nothing but the reminder is left, and it removes itself when it next ticks.
    [Fact]
    public async Task A_batch_killed_before_its_reminder_is_removed_leaves_no_reminder()
    {
        LongTests.SkipUnlessAsked();
        int[] sizes = [5, 1_200];

        var violations = await Task.WhenAll(sizes.Select(async rows =>
        {
            await using var run = await CrashRun.StartAsync(new() { Rows = rows });
            await run.StartSiloAsync("K14:1");
            await run.SubmitAsync();
            var exit = await run.UntilDeadAsync("reach K14");
            await run.StartSiloAsync();
            await run.UntilQuietAsync();
            var found = await run.JudgeAsync();
            return exit == SiloProcess.Killed && run.Last!.Status == "completed" ? found : $"{rows} rows: {exit}, {run.Last}, {found}";
        }));

        Assert.All(violations, violation => Assert.Equal("", violation));
    }

    // A minute is the shortest window that there is. Its rows would take ten.
    [Fact]
    public async Task A_batch_killed_while_expiring_ends_expired_with_what_was_done()
    {
        LongTests.SkipUnlessAsked();
        string[] failPoints = ["K10:1", "K11:1", "K12:1", "K14:1"];
        var plan = new CrashPlan { Latency = TimeSpan.FromSeconds(8), Window = "1m" };

        var violations = await Task.WhenAll(failPoints.Select(async failPoint =>
        {
            await using var run = await CrashRun.StartAsync(plan);
            await run.StartSiloAsync(failPoint);
            await run.SubmitAsync();
            await run.UntilAsync(seen => seen.Status is not ("validating" or "in_progress"), "expire");
            var exit = await run.UntilDeadAsync($"reach {failPoint}");
            await run.StartSiloAsync();
            await run.UntilQuietAsync();
            var found = await run.JudgeAsync();
            return exit == SiloProcess.Killed && run.Last is { Status: "expired", Completed: > 0 } ? found : $"{failPoint}: {exit}, {run.Last}, {found}";
        }));

        Assert.All(violations, violation => Assert.Equal("", violation));
    }
}
