using System.Collections.Immutable;
using System.IO.Hashing;
using System.Text;

namespace Phaseo.Orleans.Batches.Driving;

/// <summary>
/// Which of all open batches this silo sees to. Each has one owner among the members of the cluster; with a member
/// gone only its own batches change hands, and are spread over all others.
/// </summary>
internal sealed class HashRange(IClusterMembershipService membership, ILocalSiloDetails local)
{
    /// <summary>
    /// Every silo that is not dead, and whether it is leaving: when this changes, batches may need somebody, or have
    /// more places or fewer.
    /// </summary>
    public ImmutableHashSet<(SiloAddress Silo, SiloStatus Status)> Members => [.. membership.CurrentSnapshot.Members.Values
        .Where(member => member.Status is SiloStatus.Active or SiloStatus.ShuttingDown or SiloStatus.Stopping)
        .Select(member => (member.SiloAddress, member.Status))];

    /// <summary>The range at this moment.</summary>
    public Predicate<string> Now()
    {
        SiloAddress[] active = [.. Members.Where(member => member.Status == SiloStatus.Active).Select(member => member.Silo)];

        // Who is not told that it is a member itself knows too little to leave anything to others.
        return active.Contains(local.SiloAddress) ? batch => OwnerOf(batch, active).Equals(local.SiloAddress) : _ => true;
    }

    /// <summary>Whose a batch is: the silo that goes with it best (rendezvous hashing).</summary>
    public static SiloAddress OwnerOf(string batch, IReadOnlyCollection<SiloAddress> silos)
    {
        var name = Encoding.UTF8.GetBytes(batch);
        return silos.MaxBy(silo => (XxHash64.HashToUInt64(name, silo.GetConsistentHashCode()), silo))!;
    }
}
