using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace Phaseo.Orleans.Cluster;

/// <summary>Places a grain on silos that may call providers, as long as there are any.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class PreferWorkersAttribute() : PlacementFilterAttribute(new PreferWorkersStrategy());

/// <summary>The filter's name for Orleans; it has nothing to be set.</summary>
internal sealed class PreferWorkersStrategy() : PlacementFilterStrategy(order: 0);

/// <summary>
/// Leaves the silos that take shards. With none of them every silo will do: a shard is then only told that nobody can
/// run it, and its batch can still be cancelled and can still expire.
/// </summary>
internal sealed class PreferWorkersDirector(SiloRoles roles, SiloDrain drain, ILocalSiloDetails local) : IPlacementFilterDirector
{
    public IEnumerable<SiloAddress> Filter(PlacementFilterStrategy filterStrategy, PlacementTarget target, IEnumerable<SiloAddress> silos)
    {
        var all = silos.ToList();
        var takers = all.FindAll(Takes);
        return takers.Count > 0 ? takers : all;
    }

    private bool Takes(SiloAddress silo) => roles.IsWorkerAt(silo) && !(drain.IsDraining && silo.Equals(local.SiloAddress));
}
