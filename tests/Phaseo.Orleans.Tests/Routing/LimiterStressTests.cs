using CsCheck;
using Microsoft.Extensions.Options;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans.Tests.Routing;

public sealed class LimiterStressTests : LimiterTest
{
    [Fact]
    public void Whatever_happens_no_more_run_than_lease_and_cap_allow_and_nobody_waits_beside_a_free_place()
    {
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 2], Gen.Int[0, 4]).Array[0, 200].Sample(steps =>
        {
            using var limiter = NewLimiter(cap: 5);
            var places = new int[3];
            var inUse = new int[3];
            var asked = new List<(int Provider, Task<LimitGrant> Task, CancellationTokenSource Cancel)>();
            foreach (var (kind, provider, amount) in steps)
            {
                var id = $"p{provider}";
                switch (kind)
                {
                    case < 5:
                        var cancel = new CancellationTokenSource();
                        asked.Add((provider, limiter.AcquireAsync(id, Claim($"w{amount}"), cancel.Token).AsTask(), cancel));
                        break;
                    case < 7 when inUse[provider] > 0:
                        limiter.Release(id, Ok);
                        inUse[provider]--;
                        break;
                    case 7:
                        places[provider] = amount;
                        limiter.Apply(limiter.GateOf(id), Lease(amount), Clock.GetTimestamp());
                        break;
                    case 8 when asked.Count > 0:
                        asked[amount % asked.Count].Cancel.Cancel();
                        break;
                }

                var gates = Enumerable.Range(0, 3).Select(i => limiter.GateOf($"p{i}")).ToArray();
                for (var i = 0; i < 3; i++)
                {
                    // A grant is counted here when the gate says so: its task completes on another thread.
                    Assert.True(gates[i].InUse <= Math.Max(places[i], inUse[i]));
                    inUse[i] = gates[i].InUse;
                    Assert.True(gates[i].Waiting == 0 || inUse[i] >= places[i] || inUse.Sum() >= 5 || gates.Sum(g => g.InUse) >= 5);
                }

                Assert.InRange(gates.Sum(gate => gate.InUse), 0, 5);
            }

            foreach (var (_, _, cancel) in asked)
            {
                cancel.Dispose();
            }
        });
    }

    [Fact]
    public async Task Many_threads_together_never_pass_the_lease_and_all_are_served()
    {
        using var limiter = new ProviderLimiter(Options.Create(new BatchOptions { MaxConcurrentCalls = 6 }), TimeProvider.System);
        limiter.Apply(limiter.GateOf("p"), Lease(4) with { Duration = TimeSpan.FromHours(1) }, TimeProvider.System.GetTimestamp());
        limiter.Apply(limiter.GateOf("q"), Lease(4) with { Duration = TimeSpan.FromHours(1) }, TimeProvider.System.GetTimestamp());
        var running = new int[3];
        var worst = new int[3];

        await Task.WhenAll(Enumerable.Range(0, 16).Select(worker => Task.Run(async () =>
        {
            for (var i = 0; i < 2_000; i++)
            {
                var which = (worker + i) % 2;
                var grant = await limiter.AcquireAsync(which == 0 ? "p" : "q", Claim($"w{worker % 3}"), CancellationToken.None);
                Assert.True(grant.Granted);
                Max(ref worst[which], Interlocked.Increment(ref running[which]));
                Max(ref worst[2], Interlocked.Increment(ref running[2]));
                await Task.Yield();
                Interlocked.Decrement(ref running[2]);
                Interlocked.Decrement(ref running[which]);
                limiter.Release(which == 0 ? "p" : "q", Ok);
            }
        })));

        Assert.InRange(worst[0], 2, 4);
        Assert.InRange(worst[1], 2, 4);
        Assert.InRange(worst[2], 3, 6);
        Assert.Equal((0, 0), (limiter.GateOf("p").InUse, limiter.GateOf("q").Waiting));
    }

    private static void Max(ref int worst, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref worst)) < value)
        {
            Interlocked.CompareExchange(ref worst, value, seen);
        }
    }
}
