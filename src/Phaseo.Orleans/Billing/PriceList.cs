using System.Collections.Immutable;
using System.IO.Hashing;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Phaseo.Orleans.Billing;

/// <summary>
/// What every offer cost at one moment, named by the hash of its stored form: catalogs that differ in anything but
/// prices have the same list.
/// </summary>
internal sealed class PriceList
{
    private readonly Dictionary<(string Provider, string Model), PriceTable> _tables;

    private PriceList(string name, byte[] json, IEnumerable<OfferPrices> offers)
    {
        Name = name;
        Json = json;
        _tables = offers.ToDictionary(offer => (offer.Provider, offer.Model), offer => new PriceTable(offer.Prices));
    }

    /// <summary>Its name: 32 hex digits.</summary>
    public string Name { get; }

    /// <summary>Its stored form, UTF-8.</summary>
    public ReadOnlyMemory<byte> Json { get; }

    /// <summary>The list of these offers, in whatever order they come.</summary>
    public static PriceList Of(IEnumerable<OfferPrices> offers)
    {
        OfferPrices[] sorted =
        [
            .. offers.OrderBy(offer => offer.Model, StringComparer.Ordinal).ThenBy(offer => offer.Provider, StringComparer.Ordinal),
        ];
        var json = JsonSerializer.SerializeToUtf8Bytes(sorted, PriceListJson.Default.OfferPricesArray);
        return new(Convert.ToHexStringLower(XxHash128.Hash(json)), json, sorted);
    }

    /// <summary>The list that was stored under this name.</summary>
    public static PriceList Read(string name, byte[] json) =>
        new(name, json, JsonSerializer.Deserialize(json, PriceListJson.Default.OfferPricesArray)!);

    /// <summary>An offer's prices; null: there was no such offer.</summary>
    public PriceTable? Find(string provider, string model) => _tables.GetValueOrDefault((provider, model));
}

/// <summary>An offer's prices as a list holds them.</summary>
internal sealed record OfferPrices(string Provider, string Model, ImmutableArray<PriceRule> Prices);

/// <summary>The stored form of a list.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(OfferPrices[]))]
internal sealed partial class PriceListJson : JsonSerializerContext;
