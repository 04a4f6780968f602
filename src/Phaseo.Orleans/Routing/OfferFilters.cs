using System.Collections.Immutable;
using Phaseo.Orleans.Billing;

namespace Phaseo.Orleans.Routing;

/// <summary>What a plan is asked for, and what the asking silo can do. Everything that a filter may look at.</summary>
/// <param name="Endpoint">The contract's endpoint.</param>
/// <param name="Policy">The row's policy over its batch's.</param>
/// <param name="Keyless">Providers whose key is not set where the call would be made.</param>
/// <param name="AllowSimulator">Whether simulators take part.</param>
[GenerateSerializer, Immutable, Alias("route.question")]
internal sealed record RouteQuestion(
    [property: Id(0)] string Endpoint,
    [property: Id(1)] ProviderPolicy Policy,
    [property: Id(2)] ImmutableArray<string> Keyless,
    [property: Id(3)] bool AllowSimulator);

/// <summary>A hard rule: an offer that does not pass takes no part, and the name says why.</summary>
internal sealed record OfferFilter(string Name, Func<Offer, RouteQuestion, bool> Passes);

/// <summary>
/// The hard filters in the order in which they are asked. First what the operator decided, then what the client
/// asked for in the contract's order: when nothing is left, the client reads the wish of its own that decided.
/// </summary>
internal static class OfferFilters
{
    // No rule reaches it (1,000,000 USD for one, counted by the million): a cap above it caps nothing.
    private const decimal HighestCap = 1_000_000_000_000m;

    public static readonly ImmutableArray<OfferFilter> All =
    [
        new("endpoint", (offer, question) => offer.Endpoints.Contains(question.Endpoint)),
        new("status", (offer, _) => offer.Status != OfferStatus.Disabled),
        new("simulator", (offer, question) => offer.Provider.Kind != ProviderKind.Simulator || question.AllowSimulator),
        new("no_key", (offer, question) => !Names(question.Keyless, offer)),
        new("only", (offer, question) => question.Policy.Only is not { IsEmpty: false } only || Names(only, offer)),
        new("ignore", (offer, question) => question.Policy.Ignore is not { } ignore || !Names(ignore, offer)),
        new("include_alpha", (offer, _) => offer.Status != OfferStatus.Alpha),
        new("max_price", (offer, question) => question.Policy.MaxPrice is not { } caps || IsWithin(offer, caps, question.Endpoint)),
    ];

    /// <summary>
    /// Whether no capped price is above its cap. A capped meter that the endpoint uses must have a price: an unknown
    /// price is not a low one.
    /// </summary>
    private static bool IsWithin(Offer offer, MaxPrice caps, string endpoint) =>
        IsWithin(offer, endpoint, Meter.InputTokens, caps.Prompt, 1_000_000)
        && IsWithin(offer, endpoint, Meter.OutputTokens, caps.Completion, 1_000_000)
        && IsWithin(offer, endpoint, Meter.ReasoningTokens, caps.Completion, 1_000_000)
        && IsWithin(offer, endpoint, Meter.Images, caps.Image, 1)
        && IsWithin(offer, endpoint, Meter.AudioMinutes, caps.Audio, 1)
        && IsWithin(offer, endpoint, Meter.Requests, caps.Request, 1);

    private static bool IsWithin(Offer offer, string endpoint, Meter meter, decimal? cap, long per)
    {
        if (cap is not { } most)
        {
            return true;
        }

        // Multiplied out, not divided, so that nothing is rounded.
        return offer.Prices.Find(meter, Offer.Plan) is { } rule
            ? most >= HighestCap || rule.PriceUsd * per <= most * rule.UnitSize
            : !Endpoints.Uses(endpoint, meter);
    }

    private static bool Names(ImmutableArray<string> ids, Offer offer)
    {
        foreach (var id in ids)
        {
            if (string.Equals(id, offer.Provider.Id, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
