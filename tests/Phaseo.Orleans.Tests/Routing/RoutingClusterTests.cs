using Microsoft.Extensions.DependencyInjection;
using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans.Tests.Routing;

public sealed class RoutingClusterTests(RoutingCluster cluster)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_plan_comes_from_the_router_and_is_then_at_hand()
    {
        var planner = cluster.First.GetRequiredService<IRoutePlanner>();
        var cancellation = TestContext.Current.CancellationToken;

        var first = await planner.PlanAsync("test/model", Endpoints.ChatCompletions, new() { Order = ["dear"] }, cancellation);
        var again = planner.PlanAsync("model", Endpoints.ChatCompletions, new() { Order = ["dear"] }, cancellation);

        Assert.Equal(["dear", "cheap"], first.Ranked.Select(offer => offer.Provider.Id));
        Assert.True(again.IsCompletedSuccessfully);
        Assert.Same(first, await again);
    }

    [Fact]
    public async Task Silos_of_one_cluster_never_run_more_calls_together_than_the_provider_takes()
    {
        var limiters = new[] { cluster.First, cluster.Second }.Select(silo => silo.GetRequiredService<IProviderLimiter>()).ToArray();
        var running = 0;
        var worst = 0;
        var calls = 0;

        await Task.WhenAll(Enumerable.Range(0, 32).Select(async worker =>
        {
            var limiter = limiters[worker % 2];
            for (var i = 0; i < 20; i++)
            {
                var grant = await limiter.AcquireAsync("cheap", new LimitClaim("w", DateTimeOffset.MaxValue), CancellationToken.None)
                    .AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken);
                Assert.True(grant.Granted);
                var now = Interlocked.Increment(ref running);
                lock (limiters)
                {
                    worst = Math.Max(worst, now);
                    calls++;
                }

                await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, TestContext.Current.CancellationToken);
                Interlocked.Decrement(ref running);
                limiter.Release("cheap", new CallOutcome(CallResult.Ok, null, 0));
            }
        }));

        Assert.Equal(640, calls);
        Assert.InRange(worst, 2, RoutingCluster.Places);
    }
}
