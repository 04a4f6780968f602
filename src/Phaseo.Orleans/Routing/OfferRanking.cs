using System.Collections.Immutable;
using Phaseo.Orleans.Billing;

namespace Phaseo.Orleans.Routing;

/// <summary>Puts the offers that passed in order: the client's own order first, then the cheaper, then the catalog's order.</summary>
internal static class OfferRanking
{
    public static ImmutableArray<Offer> Rank(ImmutableArray<Offer> offers, RouteQuestion question)
    {
        var wished = question.Policy.Order ?? [];

        // OrderBy is stable, which keeps the catalog's order among equals.
        return [.. offers
            .OrderBy(offer => WishOf(wished, offer))
            .ThenBy(offer => WorstCaseNanos(offer, question.Endpoint))];
    }

    /// <summary>
    /// What a row of average size costs at worst: 1,000 tokens in, none cached, and 1,000 out, all at the dearest
    /// price that may apply, one image where images are made, and the fee per row. A plan serves many rows, so it
    /// compares offers on one and the same row. An offer whose price is not known is the dearest of all.
    /// </summary>
    internal static long WorstCaseNanos(Offer offer, string endpoint)
    {
        long? worst = null;
        foreach (var (written, reasoned) in (ReadOnlySpan<(bool, bool)>)[(false, false), (true, false), (false, true), (true, true)])
        {
            var tokensIn = Endpoints.Uses(endpoint, Meter.InputTokens) ? 1_000 : 0;
            var tokensOut = Endpoints.Uses(endpoint, Meter.OutputTokens) ? 1_000 : 0;
            var row = new Meters
            {
                InputTokens = tokensIn,
                CacheWriteInputTokens = written ? tokensIn : 0,
                OutputTokens = tokensOut,
                ReasoningTokens = reasoned ? tokensOut : 0,
                Images = Endpoints.Uses(endpoint, Meter.Images) ? 1 : 0,
                Requests = 1,
            };
            if (offer.Prices.CostNanos(in row, Offer.Plan) is not { } nanos)
            {
                return long.MaxValue;
            }

            worst = Math.Max(worst ?? 0, nanos);
        }

        return worst ?? long.MaxValue;
    }

    private static int WishOf(ImmutableArray<string> wished, Offer offer)
    {
        for (var i = 0; i < wished.Length; i++)
        {
            if (string.Equals(wished[i], offer.Provider.Id, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return wished.Length;
    }
}
