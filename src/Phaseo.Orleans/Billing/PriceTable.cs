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

/// <summary>
/// A price: <paramref name="PriceUsd"/> for <paramref name="UnitSize"/> of a meter. At most
/// <see cref="MaxDecimals"/> decimals count; what is finer is cut off.
/// </summary>
/// <param name="Meter">What is counted.</param>
/// <param name="UnitSize">How many make a unit: 1 to <see cref="MaxUnitSize"/>.</param>
/// <param name="PriceUsd">US dollars for one unit: 0 to 1,000,000.</param>
/// <param name="Plan">The price list.</param>
public sealed record PriceRule(Meter Meter, long UnitSize, decimal PriceUsd, PricePlan Plan)
{
    /// <summary>Decimals of a price at most: a thousandth of a nano-dollar.</summary>
    public const int MaxDecimals = 12;

    /// <summary>The largest unit.</summary>
    public const long MaxUnitSize = 1_000_000_000_000;

    private const decimal PicosPerUsd = 1_000_000_000_000m;
    private const long PicosPerNano = 1_000;

    /// <summary>
    /// What a reading costs in nano-dollars, rounded half up. Whole numbers of picodollars throughout: no reading and
    /// no price is too large for 128 bits, and nothing is rounded but the result.
    /// </summary>
    internal Int128 NanosFor(long quantity)
    {
        var divisor = (Int128)UnitSize * PicosPerNano;
        return ((Int128)(long)(PriceUsd * PicosPerUsd) * quantity + divisor / 2) / divisor;
    }
}

/// <summary>An offer's prices.</summary>
public sealed record PriceTable(ImmutableArray<PriceRule> Rules)
{
    /// <summary>No meter has a price.</summary>
    public static readonly PriceTable Empty = new([]);

    /// <summary>The rule of a meter in a plan; <see cref="PricePlan.Batch"/> falls back to the standard price, meter by meter.</summary>
    public PriceRule? Find(Meter meter, PricePlan plan)
    {
        PriceRule? standard = null;
        foreach (var rule in Rules)
        {
            if (rule.Meter != meter)
            {
                continue;
            }

            if (rule.Plan == plan)
            {
                return rule;
            }

            if (rule.Plan == PricePlan.Standard)
            {
                standard = rule;
            }
        }

        return standard;
    }

    /// <summary>
    /// What one row costs, in nano-dollars. Each meter is rounded half up by itself. A part (cached, cache write,
    /// reasoning) is taken out of its total only if it has a price of its own.
    /// </summary>
    /// <returns>
    /// Null when the row cannot be priced: it says nothing of its usage, or something that it used has no price, or
    /// its readings are no possible numbers. Such a row costs 0 and counts as unpriced.
    /// </returns>
    public long? CostNanos(in Meters? usage, PricePlan plan) =>
        usage is { } meters ? CostNanos(in meters, plan) : null;

    /// <inheritdoc cref="CostNanos(in Meters?, PricePlan)"/>
    public long? CostNanos(in Meters usage, PricePlan plan)
    {
        if (!Plausible(in usage))
        {
            return null;
        }

        var rest = new Meters
        {
            InputTokens = usage.InputTokens,
            OutputTokens = usage.OutputTokens,
            Images = usage.Images,
            AudioMinutes = usage.AudioMinutes,
            Requests = usage.Requests,
        };
        Int128 nanos = 0;
        nanos += TakePart(ref rest, Meter.InputTokens, Meter.CachedInputTokens, usage.CachedInputTokens, plan);
        nanos += TakePart(ref rest, Meter.InputTokens, Meter.CacheWriteInputTokens, usage.CacheWriteInputTokens, plan);
        nanos += TakePart(ref rest, Meter.OutputTokens, Meter.ReasoningTokens, usage.ReasoningTokens, plan);

        // A fee by image, minute or row is a price for all of the row, so tokens without a price are then free.
        var flat = false;
        foreach (var meter in (ReadOnlySpan<Meter>)[Meter.Images, Meter.AudioMinutes, Meter.Requests])
        {
            if (rest[meter] > 0 && Find(meter, plan) is { } rule)
            {
                nanos += rule.NanosFor(rest[meter]);
                flat = true;
            }
        }

        var priced = flat;
        foreach (var meter in (ReadOnlySpan<Meter>)[Meter.InputTokens, Meter.OutputTokens])
        {
            if (Find(meter, plan) is { } rule)
            {
                nanos += rule.NanosFor(rest[meter]);
                priced = true;
            }
            else if (rest[meter] > 0 && !flat)
            {
                return null;
            }
        }

        return priced && nanos <= long.MaxValue ? (long)nanos : null;
    }

    private Int128 TakePart(ref Meters rest, Meter total, Meter part, long quantity, PricePlan plan)
    {
        if (quantity == 0 || Find(part, plan) is not { } rule)
        {
            return 0;
        }

        // A provider that reports a part above its total is billed for the total.
        var taken = Math.Min(quantity, rest[total]);
        rest = rest.With(total, rest[total] - taken);
        return rule.NanosFor(taken);
    }

    private static bool Plausible(in Meters usage) =>
        usage.InputTokens >= 0 && usage.CachedInputTokens >= 0 && usage.CacheWriteInputTokens >= 0
        && usage.OutputTokens >= 0 && usage.ReasoningTokens >= 0
        && usage.Images >= 0 && usage.AudioMinutes >= 0 && usage.Requests >= 0;
}
