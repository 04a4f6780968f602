using System.Collections.Immutable;

namespace Phaseo.Orleans.Routing;

/// <summary>Filters and ranks the offers of one model. Pure: the same question about the same offers has one answer.</summary>
internal static class RouteCalculator
{
    /// <summary>The plan for one model's <paramref name="offers"/>. Every offer is either ranked or dropped, once.</summary>
    public static RoutePlan Plan(ImmutableArray<Offer> offers, RouteQuestion question)
    {
        var left = offers;
        var dropped = ImmutableArray.CreateBuilder<RouteDrop>();
        foreach (var filter in OfferFilters.All)
        {
            var passing = left.RemoveAll(offer => !filter.Passes(offer, question));
            dropped.AddRange(left.Except(passing).Select(offer => new RouteDrop(offer.Provider.Id, filter.Name)));
            left = passing;
        }

        var ranked = OfferRanking.Rank(left, question);
        if (question.Policy.AllowFallbacks == false && ranked.Length > 1)
        {
            dropped.AddRange(ranked.Skip(1).Select(offer => new RouteDrop(offer.Provider.Id, "allow_fallbacks")));
            ranked = [ranked[0]];
        }

        return new RoutePlan(ranked, dropped.ToImmutable());
    }
}
