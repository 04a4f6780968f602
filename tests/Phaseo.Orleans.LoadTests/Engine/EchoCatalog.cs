using System.Globalization;
using Phaseo.Orleans.Billing;

namespace Phaseo.Orleans.LoadTests.Engine;

/// <summary>A catalog of one upstream and one model.</summary>
internal static class EchoCatalog
{
    /// <summary>What the model costs.</summary>
    public static readonly PriceTable Prices = new([
        new PriceRule(Meter.InputTokens, 1_000_000, 0.25m, PricePlan.Standard),
        new PriceRule(Meter.OutputTokens, 1_000_000, 2.00m, PricePlan.Standard),
    ]);

    /// <summary>Writes it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="upstream">The upstream's address.</param>
    /// <param name="concurrency">Calls at once, over all silos.</param>
    public static void Write(string path, Uri upstream, int concurrency)
    {
        // The model has one name on both sides, so that bodies may go out as the slices they are.
        var text = string.Create(CultureInfo.InvariantCulture, $$"""
            {"providers":[{"id":"echo","kind":"openai","base_url":"{{new Uri(upstream, "/v1").AbsoluteUri}}","api_key_env":null,
               "max_concurrency":{{concurrency}}}],
             "offers":[{"provider":"echo","model":"bench/echo","upstream_model":"bench/echo",
               "endpoints":["/v1/chat/completions","/v1/embeddings"],"batch":"relay","status":"active","prices":[
                 {"meter":"input_tokens","unit_size":1000000,"price_usd":"0.25","plan":"standard"},
                 {"meter":"output_tokens","unit_size":1000000,"price_usd":"2.00","plan":"standard"}]}]}
            """);
        File.WriteAllText(path, text);
    }
}
