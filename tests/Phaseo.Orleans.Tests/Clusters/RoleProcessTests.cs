using Phaseo.Orleans.Tests.Crashes;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Clusters;

/// <summary>An api silo and two workers, each a process. The workers are killed.</summary>
public sealed class RoleProcessTests(Azurite azurite)
{
    private static readonly string[] Roles = ["api", "worker", "worker"];

    [Fact]
    public async Task A_batch_whose_workers_are_all_dead_is_cancelled_by_the_api_silo()
    {
        var plan = new CrashPlan { Rows = 3_000, Latency = TimeSpan.FromMilliseconds(300), Calls = 16, Faults = new() };
        await using var run = await StartAsync(plan);
        await run.SubmitAsync();
        await run.UntilCallsAsync(300);

        await run.KillAsync(1);
        await run.KillAsync(2);
        await run.CancelAsync();
        var asked = run.Calls.Now;
        await run.UntilAsync(seen => seen.IsTerminal, "be cancelled");
        var took = run.Calls.Now - asked;
        await run.UntilQuietAsync();
        var violations = await run.JudgeAsync();

        Assert.Equal(("cancelled", plan.Rows), (run.Last!.Status, run.Last.Completed + run.Last.Failed));
        Assert.InRange(run.Last.Completed, 1, plan.Rows - 1);
        Assert.Equal("", violations);
        Assert.DoesNotContain(run.Calls.Timed, call => call.Caller == ClusterRun.NameOf(0));
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_batch_whose_workers_are_all_dead_expires_in_time()
    {
        LongTests.SkipUnlessAsked();
        var plan = new CrashPlan { Rows = 20_000, Latency = TimeSpan.FromMilliseconds(300), Calls = 16, Faults = new(), Window = "1m" };
        await using var run = await StartAsync(plan);
        await run.SubmitAsync();
        var created = run.Calls.Now;
        await run.UntilCallsAsync(300);

        await run.KillAsync(1);
        await run.KillAsync(2);
        await run.UntilQuietAsync();
        var took = run.Calls.Now - created;
        await run.UntilAsync(seen => seen.IsTerminal, "expire");
        var violations = await run.JudgeAsync();

        Assert.Equal(("expired", plan.Rows), (run.Last!.Status, run.Last.Completed + run.Last.Failed));
        Assert.Equal("", violations);
        Assert.InRange(took, TimeSpan.FromSeconds(59), TimeSpan.FromSeconds(60 + 5 + 1 + 10));
    }

    [Fact]
    public async Task A_worker_that_returns_gets_the_shards()
    {
        var plan = new CrashPlan { Rows = 1_500, Latency = TimeSpan.FromMilliseconds(100), Calls = 16, Faults = new() };
        await using var run = await StartAsync(plan);
        await run.SubmitAsync();
        await run.UntilCallsAsync(200);

        await run.KillAsync(1);
        await run.KillAsync(2);
        await run.StartSiloAsync(2);
        await run.UntilQuietAsync();
        await run.UntilAsync(seen => seen.IsTerminal, "end");
        var violations = await run.JudgeAsync();

        Assert.Equal(("completed", plan.Rows), (run.Last!.Status, run.Last.Completed));
        Assert.Equal("", violations);
        Assert.DoesNotContain(run.Calls.Timed, call => call.Caller == ClusterRun.NameOf(0));
    }

    [Fact]
    public async Task A_worker_has_health_and_no_api()
    {
        await using var run = await StartAsync(new CrashPlan());
        using var client = new HttpClient { BaseAddress = run.AddressOf(1) };
        client.DefaultRequestHeaders.Authorization = new("Bearer", ClusterRun.Key);

        using var ready = await client.GetAsync(new Uri("/healthz/ready", UriKind.Relative), TestContext.Current.CancellationToken);
        using var list = await client.GetAsync(new Uri("/v1/batches", UriKind.Relative), TestContext.Current.CancellationToken);
        using var reference = await client.GetAsync(new Uri("/openapi/v1.json", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal([200, 404, 404], [(int)ready.StatusCode, (int)list.StatusCode, (int)reference.StatusCode]);
    }

    private async Task<ClusterRun> StartAsync(CrashPlan plan) =>
        await ClusterRun.StartAsync(plan, await azurite.AccountAsync(), Roles.Length, silo => [$"--Phaseo:Role={Roles[silo]}"]);
}
