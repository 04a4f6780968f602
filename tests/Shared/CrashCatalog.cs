using Phaseo.Orleans.Billing;

namespace Phaseo.Orleans.Testing;

/// <summary>The one offer of a crash test.</summary>
internal static class CrashCatalog
{
    /// <summary>Its prices.</summary>
    public static readonly PriceTable Prices = new([
        new PriceRule(Meter.InputTokens, 1_000_000, 0.25m, PricePlan.Standard),
        new PriceRule(Meter.OutputTokens, 1_000_000, 2.00m, PricePlan.Standard),
    ]);

    /// <summary>The catalog. The model keeps its name upstream, so that the body arrives as it is and its hash can be compared.</summary>
    /// <param name="upstream">The provider's <c>base_url</c>.</param>
    /// <param name="calls">Calls that it takes at once.</param>
    /// <param name="keyVariable">The environment variable that holds its key; null: it wants none.</param>
    public static string Of(Uri upstream, int calls, string? keyVariable = null) => $$$"""
        {"providers":[{"id":"echo","kind":"openai","base_url":"{{{upstream}}}","api_key_env":{{{(keyVariable is null ? "null" : $"\"{keyVariable}\"")}}},"max_concurrency":{{{calls}}}}],
         "offers":[{"provider":"echo","model":"bench/echo","upstream_model":"bench/echo","endpoints":["/v1/chat/completions"],
           "batch":"relay","status":"active","prices":[
             {"meter":"input_tokens","unit_size":1000000,"price_usd":"0.25","plan":"standard"},
             {"meter":"output_tokens","unit_size":1000000,"price_usd":"2.00","plan":"standard"}]}]}
        """;
}
