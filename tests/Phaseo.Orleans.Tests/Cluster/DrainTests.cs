using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Cluster;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Cluster;

public sealed class DrainTests
{
    private const int Rows = 1_600;

    [Fact]
    public async Task A_silo_that_is_told_to_stop_repeats_no_call_that_ends_in_time()
    {
        await using var cluster = await SeveralSilos.StartAsync(TimeSpan.FromSeconds(20), SiloRole.All, SiloRole.All);
        cluster.Answer = async call =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, call.Cancellation);
            return call.Good();
        };
        var id = await cluster.Silos.SubmitAsync(EngineSilo.Rows(Rows, "a"));
        await Patience.UntilAsync("calls", () => cluster.Calls.Count >= 16);
        var busy = cluster.CallsOf(0) > 0 ? 0 : 1;

        await cluster.Silos.StopAsync(busy);
        var made = cluster.CallsOf(busy);
        var batch = await cluster.Silos.UntilTerminalAsync(id);

        Assert.Equal((BatchStatus.Completed, Rows), (batch.Status, batch.Completed));
        Assert.Equal(made, cluster.CallsOf(busy));
        Assert.Equal(Enumerable.Range(0, Rows), cluster.Calls.Select(call => call.Row).Order());
    }

    [Fact]
    public async Task Calls_that_take_longer_are_made_by_another_silo_under_the_next_number_and_at_once()
    {
        await using var cluster = await SeveralSilos.StartAsync(TimeSpan.FromSeconds(1), SiloRole.Api, SiloRole.Worker);
        cluster.Answer = async call =>
        {
            await Task.Delay(call.Silo == "1" ? Timeout.InfiniteTimeSpan : TimeSpan.Zero, TimeProvider.System, call.Cancellation);
            return call.Good();
        };
        var id = await cluster.Silos.SubmitAsync(EngineSilo.Rows(20, "a"));
        await Patience.UntilAsync("calls", () => cluster.CallsOf(1) >= 16);
        await cluster.Silos.AddAsync(SiloRole.Worker);

        var stopped = TimeProvider.System.GetTimestamp();
        await cluster.Silos.StopAsync(1);
        var batch = await cluster.Silos.UntilTerminalAsync(id);

        Assert.Equal((BatchStatus.Completed, 20), (batch.Status, batch.Completed));
        Assert.All(cluster.Calls.CountBy(call => (call.Row, call.Attempt)), call => Assert.Equal(1, call.Value));
        Assert.Equal(20, cluster.CallsOf(2));

        // The batch asks after its shards only every 15 seconds; a silo that hands back is not waited for.
        Assert.InRange(TimeProvider.System.GetElapsedTime(stopped), TimeSpan.Zero, TimeSpan.FromSeconds(12));
    }
}
