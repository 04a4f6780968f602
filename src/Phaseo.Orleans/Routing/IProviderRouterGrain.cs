using System.Collections.Immutable;
using Orleans.Concurrency;

namespace Phaseo.Orleans.Routing;

/// <summary>
/// Ranks one model's offers for the whole cluster: the place where what was measured of them meets the catalog.
/// Key: the model's full name.
/// </summary>
[GrainInterfaceType("provider-router"), Alias("provider-router")]
internal interface IProviderRouterGrain : IGrainWithStringKey
{
    /// <summary>
    /// The plan, in ids. Null when this silo reads another catalog than <paramref name="catalogVersion"/>: the two
    /// are in the middle of a change, and the caller plans for itself.
    /// </summary>
    [Alias("plan"), ReadOnly]
    Task<RouteAnswer?> PlanAsync(string catalogVersion, RouteQuestion question);
}

/// <summary>A plan in ids: of one model, a provider has one offer.</summary>
[GenerateSerializer, Immutable, Alias("route.answer")]
internal sealed record RouteAnswer(
    [property: Id(0)] ImmutableArray<string> Ranked, [property: Id(1)] ImmutableArray<RouteDrop> Dropped);
