using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Orleans.TestingHost;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Claims;

/// <summary>
/// A silo whose claim grains write to the stores of the test that their workspace belongs to, so that tests share the
/// silo and yet break only their own storage. They share the clock too: it goes only forward, and the tests of the
/// collection run one after the other.
/// </summary>
public sealed class ClaimCluster : IAsyncLifetime
{
    private readonly ClaimsByWorkspace _claims = new();
    private readonly InProcessTestCluster _cluster;

    public ClaimCluster()
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) => silo.Services
            .AddSingleton<IClaimRows>(_claims)
            .AddSingleton<TimeProvider>(Clock)
            .UseTimeProviderForBackgroundAreas(TimeProvider.System));
        _cluster = builder.Build();
    }

    internal FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 11, 3, 12, 0, 0, TimeSpan.Zero));

    internal IGrainFactory Grains => _cluster.Client;

    public async ValueTask InitializeAsync() => await _cluster.DeployAsync();

    public async ValueTask DisposeAsync() => await _cluster.DisposeAsync();

    /// <summary>Ends the grain's activation and waits until it is gone.</summary>
    internal Task DeactivateAsync(IAddressable grain) => _cluster.DeactivateAsync(grain);

    /// <summary>Lets a workspace's claims be kept in these stores.</summary>
    internal void Keep(string workspace, MemoryStores stores) => _claims.Homes[workspace] = stores;

    private sealed class ClaimsByWorkspace : IClaimRows
    {
        public ConcurrentDictionary<string, IClaimRows> Homes { get; } = new();

        public Task<ClaimRow?> GetAsync(string key, CancellationToken cancellation) => Home(key).GetAsync(key, cancellation);

        public Task<bool> WriteAsync(ClaimRow row, string? expected, CancellationToken cancellation) =>
            Home(row.Key).WriteAsync(row, expected, cancellation);

        public Task<bool> RemoveAsync(string key, string expected, CancellationToken cancellation) =>
            Home(key).RemoveAsync(key, expected, cancellation);

        public Task<int> RemoveExpiredAsync(DateTimeOffset now, CancellationToken cancellation) => Task.FromResult(0);

        private IClaimRows Home(string key) => Homes[key.Split(':')[0]];
    }
}

/// <summary>The tests that share the silo.</summary>
[CollectionDefinition(Name)]
public sealed class ClaimTests : ICollectionFixture<ClaimCluster>
{
    public const string Name = "claims";
}
