namespace Phaseo.Orleans.Routing;

/// <summary>
/// What a lender knows of its holders, and how it divides. Its one promise: whatever messages are late, lost or
/// repeated, the calls that all living silos may have running together never pass the limit, while the limit stands.
/// Times are counted from the lender's start.
/// <para>
/// Lent places are counted until their holder says otherwise or is dead, also past the lease's end: calls begun on
/// it may still run. So the end of a lease needs no clock here; it binds the holder.
/// </para>
/// <para>
/// A claim made for the lender before may arrive at this one, long overtaken. So a silo has spoken only when it names
/// this lender: it has then heard from it, and what it states is younger than the lender.
/// </para>
/// </summary>
internal sealed class LeaseBook(Guid id)
{
    private readonly Dictionary<SiloAddress, Holder> _holders = [];
    private TimeSpan _blockedUntil;

    /// <param name="claim">The silo's statement.</param>
    /// <param name="limit">Places in all.</param>
    /// <param name="living">Every silo that may hold a lease or have calls running.</param>
    /// <param name="now">Since the lender's start.</param>
    public ProviderLease Lend(LeaseClaim claim, int limit, IReadOnlySet<SiloAddress> living, TimeSpan now)
    {
        Forget(living);
        if (_holders.GetValueOrDefault(claim.Silo) is { } known && known.Claim.Round >= claim.Round)
        {
            // Overtaken by a later one: its sender no longer waits for the answer.
            return Lease(0, LeaseTimes.ShortRenewal, now);
        }

        _holders[claim.Silo] = new Holder(claim, 0);
        if (now + claim.BlockedFor > _blockedUntil)
        {
            _blockedUntil = now + claim.BlockedFor;
        }

        var share = ShareOf(claim.Silo, limit);
        var others = _holders.Where(pair => !pair.Key.Equals(claim.Silo)).Sum(pair => pair.Value.Committed);
        var places = Math.Clamp(limit - others, 0, share);

        // Who has not spoken may hold places of the lender before. One lease time later it does not: it would have had
        // to renew. Until then only what is held already is lent, and when all have spoken nothing is unknown.
        if (!HasSpoken(claim.Silo) || (now < LeaseTimes.Lease && !living.All(HasSpoken)))
        {
            places = Math.Min(places, claim.Held);
        }

        _holders[claim.Silo] = new Holder(claim, places);
        return Lease(places, RenewIn(claim, share, places), now);
    }

    private bool HasSpoken(SiloAddress silo) => _holders.GetValueOrDefault(silo)?.Claim.Lender == id;

    private TimeSpan RenewIn(LeaseClaim claim, int share, int places)
    {
        if (!HasSpoken(claim.Silo))
        {
            return TimeSpan.Zero;
        }

        // Nothing of it is counted any more, so there is nothing to come back for.
        if (claim is { Cap: 0, Held: 0, Running: 0 })
        {
            return Timeout.InfiniteTimeSpan;
        }

        // Who gives places up comes back soon, as does who lacks some: only its next word frees them for others.
        return places < share || places < claim.Held ? LeaseTimes.ShortRenewal : LeaseTimes.Renewal;
    }

    private void Forget(IReadOnlySet<SiloAddress> living)
    {
        foreach (var silo in _holders.Keys.Where(silo => !living.Contains(silo)).ToArray())
        {
            _holders.Remove(silo);
        }
    }

    /// <summary>Fair by what is running or waiting; what nobody needs is spread, so that a first call finds a place.</summary>
    private int ShareOf(SiloAddress silo, int limit)
    {
        var order = _holders.Keys.Order().ToArray();
        var claims = order.Select(key => _holders[key].Claim).ToArray();
        var needed = FairShares.Split(limit, [.. claims.Select(claim => Math.Min(claim.Running + claim.Waiting, claim.Cap))]);
        var spare = FairShares.Split(limit - needed.Sum(), [.. claims.Select((claim, i) => claim.Cap - needed[i])]);
        var place = Array.IndexOf(order, silo);
        return needed[place] + spare[place];
    }

    private ProviderLease Lease(int places, TimeSpan renewIn, TimeSpan now) => new()
    {
        Places = places,
        Duration = LeaseTimes.Lease,
        RenewIn = renewIn,
        Lender = id,
        BlockedFor = _blockedUntil > now ? _blockedUntil - now : TimeSpan.Zero,
    };

    private sealed record Holder(LeaseClaim Claim, int Lent)
    {
        /// <summary>The most calls that it can have running before it speaks again.</summary>
        public int Committed => Math.Max(Claim.Running, Math.Max(Claim.Held, Lent));
    }
}
