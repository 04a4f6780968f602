using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans.Tests.Routing;

/// <summary>A limiter with a cap of 8 whose clock the test turns and whose leases the test lends.</summary>
public abstract class LimiterTest : IDisposable
{
    private protected static readonly CallOutcome Ok = new(CallResult.Ok, null, 0);

    private protected LimiterTest() => Limiter = NewLimiter(cap: 8);

    private protected FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private protected ProviderLimiter Limiter { get; }

    public void Dispose()
    {
        Limiter.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected Task<LimitGrant> Ask(string provider, string workspace = "w", ProviderLimiter? limiter = null) =>
        (limiter ?? Limiter).AcquireAsync(provider, Claim(workspace), CancellationToken.None).AsTask();

    private protected LimitClaim Claim(string workspace, int hours = 1) => new(workspace, Clock.GetUtcNow().AddHours(hours));

    private protected ProviderLimiter NewLimiter(int cap) => new(Options.Create(new BatchOptions { MaxConcurrentCalls = cap }), Clock);

    private protected void Lend(string provider, int places, ProviderLimiter? limiter = null) =>
        (limiter ?? Limiter).Apply((limiter ?? Limiter).GateOf(provider), Lease(places), Clock.GetTimestamp());

    private protected static ProviderLease Lease(int places) =>
        new() { Places = places, Duration = LeaseTimes.Lease, RenewIn = LeaseTimes.Renewal };
}
