using Orleans.Runtime.MembershipService.SiloMetadata;

namespace Phaseo.Orleans.Cluster;

/// <summary>
/// The roles of all silos, as they publish them in their metadata. A silo whose metadata has not come yet, or that has
/// none, counts as a worker: a shard that is sent to it by mistake is told to go elsewhere.
/// </summary>
internal sealed class SiloRoles(
    LocalRole own, ILocalSiloDetails local, IClusterMembershipService membership, ISiloMetadataCache metadata)
{
    /// <summary>The key of a silo's role in its metadata.</summary>
    public const string MetadataKey = "phaseo.role";

    /// <summary>Whether this silo may call providers.</summary>
    public bool IsWorker => own.Role != SiloRole.Api;

    /// <summary>How many silos live that may call providers.</summary>
    public int Workers => LivingWorkers.Count();

    /// <summary>The silos that live and may call providers.</summary>
    public IEnumerable<SiloAddress> LivingWorkers => Living.Where(IsWorkerAt);

    /// <summary>Whether there is a worker besides this silo.</summary>
    public bool HasOtherWorker => Living.Any(silo => IsWorkerAt(silo) && !silo.Equals(local.SiloAddress));

    /// <summary>Whether a silo may call providers.</summary>
    public bool IsWorkerAt(SiloAddress silo) =>
        metadata.GetSiloMetadata(silo).Metadata.GetValueOrDefault(MetadataKey) != SiloRole.Api.ToWord();

    private IEnumerable<SiloAddress> Living => membership.CurrentSnapshot.Members.Values
        .Where(member => member.Status == SiloStatus.Active)
        .Select(member => member.SiloAddress);
}

/// <summary>The role of this silo.</summary>
internal sealed record LocalRole(SiloRole Role);
