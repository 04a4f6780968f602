using Orleans.Placement;

namespace Phaseo.Orleans.Routing;

/// <summary>
/// The lender. What it knows it learns from its holders, so it stores nothing; it stays active while its silo lives,
/// because a new lender has to wait until all have spoken.
/// </summary>
[GrainType("provider-limit"), KeepAlive, Immovable]
internal sealed class ProviderLimitGrain(CatalogStore catalogs, IClusterMembershipService membership, TimeProvider clock)
    : Grain, IProviderLimitGrain
{
    private readonly LeaseBook _book = new(Guid.NewGuid());
    private readonly long _openedAt = clock.GetTimestamp();

    public Task<ProviderLease> LendAsync(LeaseClaim claim)
    {
        var provider = catalogs.Current.FindProvider(this.GetPrimaryKeyString());
        var lease = _book.Lend(claim, provider?.MaxConcurrency ?? 0, Living(claim.Silo), clock.GetElapsedTime(_openedAt));

        // A provider that has left the catalog takes no further calls: whoever waits is told to look elsewhere.
        return Task.FromResult(provider is null ? lease with { BlockedFor = LeaseTimes.Lease } : lease);
    }

    private HashSet<SiloAddress> Living(SiloAddress caller)
    {
        var living = membership.CurrentSnapshot.Members.Values
            .Where(member => member.Status is SiloStatus.Active or SiloStatus.ShuttingDown or SiloStatus.Stopping)
            .Select(member => member.SiloAddress)
            .ToHashSet();

        // It speaks, so it lives, whatever this silo has heard of it.
        living.Add(caller);
        return living;
    }
}
