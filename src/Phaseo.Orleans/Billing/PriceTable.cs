using System.Collections.Immutable;

namespace Phaseo.Orleans.Billing;

/// <summary>Which price list a rule belongs to.</summary>
public enum PricePlan
{
    /// <summary>A call per row.</summary>
    Standard = 1,

    /// <summary>The provider's own batch API.</summary>
    Batch = 2,
}

/// <summary>A price: <paramref name="PriceUsd"/> for <paramref name="UnitSize"/> of a meter.</summary>
public sealed record PriceRule(Meter Meter, long UnitSize, decimal PriceUsd, PricePlan Plan);

/// <summary>An offer's prices.</summary>
public sealed record PriceTable(ImmutableArray<PriceRule> Rules)
{
    /// <summary>No meter has a price.</summary>
    public static readonly PriceTable Empty = new([]);
}
