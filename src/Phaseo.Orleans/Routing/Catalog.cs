using System.Collections.Frozen;
using System.Collections.Immutable;
using Phaseo.Orleans.Billing;

namespace Phaseo.Orleans.Routing;

/// <summary>What the router knows: providers and their offers, as one catalog file said. Never changes; a new file is a new catalog.</summary>
public sealed class Catalog
{
    private readonly FrozenDictionary<string, Provider> _providers;
    private readonly FrozenDictionary<string, ImmutableArray<Offer>> _offers;
    private readonly FrozenDictionary<string, ModelName> _names;
    private readonly Lazy<PriceList> _prices;

    internal Catalog(string version, ImmutableArray<Provider> providers, ImmutableArray<Offer> offers)
    {
        Version = version;
        Providers = providers;
        Offers = offers;
        _providers = providers.ToFrozenDictionary(provider => provider.Id, StringComparer.OrdinalIgnoreCase);
        _offers = offers.GroupBy(offer => offer.Model, StringComparer.Ordinal)
            .ToFrozenDictionary(group => group.Key, group => group.ToImmutableArray(), StringComparer.Ordinal);
        _names = NamesOf(_offers.Keys);
        _prices = new(() => PriceList.Of(offers.Select(offer => new OfferPrices(offer.Provider.Id, offer.Model, offer.Prices.Rules))));
    }

    /// <summary>A hash of the file's content.</summary>
    public string Version { get; }

    /// <summary>All providers in the file's order.</summary>
    public ImmutableArray<Provider> Providers { get; }

    /// <summary>All offers in the file's order.</summary>
    public ImmutableArray<Offer> Offers { get; }

    /// <summary>What its offers cost.</summary>
    internal PriceList Prices => _prices.Value;

    /// <summary>Whether its offers have the prices of another time: then no other silo knows this catalog by its version.</summary>
    internal bool IsRepriced { get; private init; }

    /// <summary>A provider by its id, without case; null when there is none.</summary>
    public Provider? FindProvider(string id) => _providers.GetValueOrDefault(id);

    /// <summary>The offers of a model by its full name, in the file's order; empty when there are none.</summary>
    public ImmutableArray<Offer> OffersOf(string model) =>
        _offers.TryGetValue(model, out var offers) ? offers : [];

    /// <summary>What a client's model name stands for (<see cref="IRoutePlanner.Resolve"/>).</summary>
    public ModelName Resolve(string model) =>
        _names.TryGetValue(model, out var name) ? name : new ModelName(null, []);

    /// <summary>This catalog at the prices of a list; an offer that the list does not have keeps its own.</summary>
    internal Catalog At(PriceList prices) => new(
        Version,
        Providers,
        [.. Offers.Select(offer => prices.Find(offer.Provider.Id, offer.Model) is { } then ? offer with { Prices = then } : offer)])
    {
        IsRepriced = true,
    };

    private static FrozenDictionary<string, ModelName> NamesOf(IEnumerable<string> models)
    {
        var names = models.ToDictionary(model => model, model => new ModelName(model, [model]), StringComparer.Ordinal);
        foreach (var group in models.Where(model => model.Contains('/')).GroupBy(ShortName, StringComparer.Ordinal).ToArray())
        {
            var candidates = group.Order(StringComparer.Ordinal).ToImmutableArray();
            names.TryAdd(group.Key, new ModelName(candidates.Length == 1 ? candidates[0] : null, candidates));
        }

        return names.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static string ShortName(string model) => model[(model.IndexOf('/') + 1)..];
}
