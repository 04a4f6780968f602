using System.Collections.Immutable;

namespace Phaseo.Orleans.Routing;

/// <summary>What a cached plan depends on besides the catalog. Prices: the list that the batch names; null: today's.</summary>
internal readonly record struct PlanKey(string Model, string Endpoint, ProviderPolicy Policy, string? Prices);

/// <summary>
/// Compares keys by what their policies say. Rows bring policies of their own that are equal and not the same, and
/// an array is only ever equal to itself.
/// </summary>
internal sealed class PlanKeyComparer : IEqualityComparer<PlanKey>
{
    public static readonly PlanKeyComparer Instance = new();

    public bool Equals(PlanKey x, PlanKey y) =>
        x.Model == y.Model && x.Endpoint == y.Endpoint && x.Prices == y.Prices
        && (ReferenceEquals(x.Policy, y.Policy) || Same(x.Policy, y.Policy));

    public int GetHashCode(PlanKey obj)
    {
        var hash = new HashCode();
        hash.Add(obj.Model);
        hash.Add(obj.Endpoint);
        hash.Add(obj.Prices);
        Add(ref hash, obj.Policy.Order);
        Add(ref hash, obj.Policy.Only);
        Add(ref hash, obj.Policy.Ignore);
        hash.Add(obj.Policy.MaxPrice);
        hash.Add(obj.Policy.AllowFallbacks);
        return hash.ToHashCode();
    }

    private static bool Same(ProviderPolicy x, ProviderPolicy y) =>
        x.AllowFallbacks == y.AllowFallbacks
        && EqualityComparer<MaxPrice>.Default.Equals(x.MaxPrice, y.MaxPrice)
        && Same(x.Order, y.Order) && Same(x.Only, y.Only) && Same(x.Ignore, y.Ignore);

    private static bool Same(ImmutableArray<string>? x, ImmutableArray<string>? y) =>
        (x, y) switch
        {
            (null, null) => true,
            ({ } left, { } right) => left.AsSpan().SequenceEqual(right.AsSpan()),
            _ => false,
        };

    private static void Add(ref HashCode hash, ImmutableArray<string>? ids)
    {
        hash.Add(ids?.Length ?? -1);
        if (ids is { } some)
        {
            foreach (var id in some)
            {
                hash.Add(id);
            }
        }
    }
}
