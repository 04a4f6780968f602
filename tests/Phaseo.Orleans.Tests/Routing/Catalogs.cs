using System.Collections.Immutable;
using System.Text;
using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans.Tests.Routing;

/// <summary>Catalogs for tests, written as an operator would write them.</summary>
internal static class Catalogs
{
    /// <summary>A catalog of one-price offers: <c>"provider model input-price output-price"</c>, a line each.</summary>
    public static Catalog Of(string offers)
    {
        var lines = offers.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToArray();
        var providers = lines.Select(words => words[0]).Distinct()
            .Select(id => $$"""{"id":"{{id}}","kind":"openai","base_url":"https://{{id}}.example/v1"}""");
        var json = lines.Select(words => $$"""
            {"provider":"{{words[0]}}","model":"{{words[1]}}","upstream_model":"m","endpoints":["/v1/chat/completions"],
             "batch":"relay","status":"active","prices":[
               {"meter":"input_tokens","unit_size":1000000,"price_usd":"{{words[2]}}","plan":"standard"},
               {"meter":"output_tokens","unit_size":1000000,"price_usd":"{{words[3]}}","plan":"standard"}]}
            """);
        return Parse($$"""{"providers":[{{string.Join(',', providers)}}],"offers":[{{string.Join(',', json)}}]}""");
    }

    public static Catalog Parse(string json)
    {
        var (catalog, errors) = CatalogFile.Parse(Encoding.UTF8.GetBytes(json));
        Assert.Empty(errors);
        return Assert.IsType<Catalog>(catalog);
    }

    public static ImmutableArray<string> ErrorsOf(string json)
    {
        var (catalog, errors) = CatalogFile.Parse(Encoding.UTF8.GetBytes(json));
        Assert.Null(catalog);
        return errors;
    }
}
