using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Cluster;
using Phaseo.Orleans.Providers;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Cluster;

public sealed class RoleTests
{
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(1);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rows_are_sent_by_workers_only()
    {
        await using var cluster = await SeveralSilos.StartAsync(Drain, SiloRole.Api, SiloRole.Worker, SiloRole.All);

        var ids = new List<string>();
        for (var batch = 0; batch < 6; batch++)
        {
            ids.Add(await cluster.Silos.SubmitAsync(EngineSilo.Rows(1_100, "a")));
        }

        foreach (var id in ids)
        {
            var batch = await cluster.Silos.UntilTerminalAsync(id);
            Assert.Equal((BatchStatus.Completed, 1_100), (batch.Status, batch.Completed));
        }

        Assert.Equal(6 * 1_100, cluster.Calls.Count);
        Assert.Equal(0, cluster.CallsOf(0));
        Assert.All([1, 2], worker => Assert.NotEqual(0, cluster.CallsOf(worker)));
    }

    [Fact]
    public async Task Without_a_worker_cancel_and_deadline_hold()
    {
        await using var cluster = await SeveralSilos.StartAsync(Drain, SiloRole.Api, SiloRole.Worker);
        cluster.Answer = NeverAsync;
        var cancelled = await cluster.Silos.SubmitAsync(EngineSilo.Rows(1_100, "a"));
        var expired = await cluster.Silos.SubmitAsync(EngineSilo.Rows(600, "a"), TimeSpan.FromSeconds(12));
        await Patience.UntilAsync("calls of both", () => cluster.Calls.Select(call => call.Row).Distinct().Count() >= 16);

        await cluster.Silos.KillAsync(1);
        var answer = await cluster.Silos.Batch(cancelled).CancelAsync();
        var (first, second) = (await cluster.Silos.UntilTerminalAsync(cancelled), await cluster.Silos.UntilTerminalAsync(expired));

        Assert.Equal(CancelOutcome.Accepted, answer.Outcome);
        Assert.Equal((BatchStatus.Cancelled, 1_100), (first.Status, first.Failed));
        Assert.Equal((BatchStatus.Expired, 600), (second.Status, second.Failed));
        Assert.InRange(second.ExpiredAt!.Value - second.ExpiresAt, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.Equal(1_100, (await cluster.Silos.LinesAsync(BlobNames.Errors(EngineSilo.Workspace, cancelled))).Length);
        Assert.Equal(0, cluster.CallsOf(0));
    }

    [Fact]
    public async Task Shards_go_on_when_a_worker_returns()
    {
        await using var cluster = await SeveralSilos.StartAsync(Drain, SiloRole.Api, SiloRole.Worker);
        cluster.Answer = NeverAsync;
        var id = await cluster.Silos.SubmitAsync(EngineSilo.Rows(1_100, "a"));
        await Patience.UntilAsync("the first calls", () => cluster.CallsOf(1) >= 16);
        await cluster.Silos.KillAsync(1);
        await cluster.Silos.UntilAsync(id, view => view.Status == BatchStatus.InProgress);
        cluster.Answer = call => Task.FromResult(call.Good());

        await cluster.Silos.AddAsync(SiloRole.Worker);
        var batch = await cluster.Silos.UntilTerminalAsync(id);

        Assert.Equal((BatchStatus.Completed, 1_100), (batch.Status, batch.Completed));
        Assert.Equal((0, 1_100), (cluster.CallsOf(0), cluster.CallsOf(2)));
    }

    private static async Task<UpstreamAnswer> NeverAsync(ScriptedCall call)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, call.Cancellation).WaitAsync(Cancel);
        throw new InvalidOperationException("Nobody waits that long.");
    }
}
