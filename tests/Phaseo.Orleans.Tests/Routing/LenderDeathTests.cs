using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Routing;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Routing;

public sealed class LenderDeathTests
{
    private const string Provider = "one";

    // A lender that has not heard all silos waits for one lease time.
    private static readonly TimeSpan AtOnce = LeaseTimes.Lease / 2;

    [Fact]
    public async Task New_lender_hears_of_idle_silos_too_and_lends_at_once()
    {
        using var folder = new TempFolder();
        var catalog = Path.Combine(folder.Path, "catalog.json");
        await File.WriteAllTextAsync(catalog, ScriptedUpstreams.Catalog(4, Provider), TestContext.Current.CancellationToken);
        var builder = new InProcessTestClusterBuilder(3);
        builder.ConfigureSilo((_, silo) => silo.Services
            .AddPhaseoRouting()
            .AddSingleton<IBlobStore>(new MemoryBlobs())
            .Configure<CatalogOptions>(options => options.Path = catalog)
            .Configure<BatchOptions>(options => options.MaxConcurrentCalls = 4));
        await using var cluster = builder.Build();
        await cluster.DeployAsync(TestContext.Current.CancellationToken);
        var address = await Patience.UntilAsync("lender", async () => await cluster.Client.GetGrain<IManagementGrain>(0)
            .GetActivationAddress(cluster.Client.GetGrain<IProviderLimitGrain>(Provider)));
        var lender = cluster.Silos.Single(silo => silo.SiloAddress.Equals(address));

        await cluster.KillSiloAsync(lender, TestContext.Current.CancellationToken);
        var started = TimeProvider.System.GetTimestamp();
        var limiter = cluster.Silos[0].ServiceProvider.GetRequiredService<IProviderLimiter>();
        var grant = await limiter.AcquireAsync(Provider, new LimitClaim("w", DateTimeOffset.MaxValue), TestContext.Current.CancellationToken);

        Assert.True(grant.Granted);
        Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.Zero, AtOnce);
    }
}
