using System.Collections.Immutable;
using System.Globalization;
using Phaseo.Orleans.Billing;

namespace Phaseo.Orleans.Routing;

/// <summary>Prices as the catalog file writes them.</summary>
internal static class PriceForm
{
    private const decimal MaxPriceUsd = 1_000_000m;

    /// <summary>The price table of an offer; what is faulty is said.</summary>
    public static PriceTable Read(JsonFields offer)
    {
        var rules = ImmutableArray.CreateBuilder<PriceRule>();
        foreach (var fields in offer.Objects("prices", required: true))
        {
            var meter = fields.Choice("meter", required: true,
                ("input_tokens", Meter.InputTokens), ("cached_input_tokens", Meter.CachedInputTokens),
                ("cache_write_input_tokens", Meter.CacheWriteInputTokens), ("output_tokens", Meter.OutputTokens),
                ("reasoning_tokens", Meter.ReasoningTokens), ("images", Meter.Images),
                ("audio_minutes", Meter.AudioMinutes), ("requests", Meter.Requests));
            var plan = fields.Choice("plan", required: true, ("standard", PricePlan.Standard), ("batch", PricePlan.Batch));
            var unitSize = fields.Number("unit_size", 1, PriceRule.MaxUnitSize, required: true);
            var price = fields.Amount("price_usd", MaxPriceUsd, PriceRule.MaxDecimals);
            CheckSource(fields);
            fields.RefuseOthers();
            if (rules.Any(rule => rule.Meter == meter && rule.Plan == plan))
            {
                fields.Fault("meter", "has two prices in one plan.");
            }

            rules.Add(new PriceRule(meter, unitSize ?? 1, price ?? 0, plan));
        }

        return new PriceTable(rules.ToImmutable());
    }

    // For the reader of the file: nothing here depends on when or where a price was found.
    private static void CheckSource(JsonFields fields)
    {
        if (fields.Text("as_of") is { } day
            && !DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
        {
            fields.Fault("as_of", "must be a date like 2026-01-31.");
        }

        if (fields.Text("source_url", max: 2048) is { } source
            && !(Uri.TryCreate(source, UriKind.Absolute, out var url) && url.Scheme == "https"))
        {
            fields.Fault("source_url", "must be an https URL.");
        }
    }
}
