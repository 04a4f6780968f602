namespace Phaseo.Orleans.Routing;

[GrainType("provider-router")]
internal sealed class ProviderRouterGrain(CatalogStore catalogs) : Grain, IProviderRouterGrain
{
    public Task<RouteAnswer?> PlanAsync(string catalogVersion, RouteQuestion question)
    {
        var catalog = catalogs.Current;
        if (catalog.Version != catalogVersion)
        {
            return Task.FromResult<RouteAnswer?>(null);
        }

        var plan = RouteCalculator.Plan(catalog.OffersOf(this.GetPrimaryKeyString()), question);
        return Task.FromResult<RouteAnswer?>(new RouteAnswer([.. plan.Ranked.Select(offer => offer.Provider.Id)], plan.Dropped));
    }
}
