using Phaseo.Orleans.Billing;
using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans.Tests.Routing;

public sealed class CatalogFileTests
{
    // The example of contract.md "The catalog".
    private const string Example = """
        {"providers":[{"id":"openai","kind":"openai","base_url":"https://api.openai.com/v1","api_key_env":"OPENAI_API_KEY","max_concurrency":64,
          "requests_per_minute":null,"tokens_per_minute":null,"execution_regions":["us"],"data_regions":["us"],"zero_data_retention":"optional","trains_on_data":false}],
         "offers":[{"provider":"openai","model":"openai/gpt-5-mini","upstream_model":"gpt-5-mini","endpoints":["/v1/chat/completions"],"batch":"relay",
          "status":"active","quantization":"unknown","distillable":false,"supported_parameters":null,"max_output_tokens":128000,"context_length":400000,
          "prices":[{"meter":"input_tokens","unit_size":1000000,"price_usd":"0.25","plan":"standard"},{"meter":"output_tokens","unit_size":1000000,"price_usd":"2.00","plan":"standard"}]}]}
        """;

    [Fact]
    public void The_contracts_example_is_read_field_by_field()
    {
        var catalog = Catalogs.Parse(Example);

        var provider = Assert.Single(catalog.Providers);
        Assert.Equal(("openai", ProviderKind.OpenAi, "OPENAI_API_KEY", 64), (provider.Id, provider.Kind, provider.ApiKeyEnv, provider.MaxConcurrency));
        Assert.Equal("https://api.openai.com/v1", provider.BaseUrl?.AbsoluteUri);
        Assert.Equal(["us"], provider.ExecutionRegions);
        Assert.Equal(["us"], provider.DataRegions);
        Assert.Equal(ZeroDataRetention.Optional, provider.ZeroDataRetention);
        Assert.Equal(false, provider.TrainsOnData);
        Assert.Null(provider.RequestsPerMinute);
        var offer = Assert.Single(catalog.Offers);
        Assert.Same(provider, offer.Provider);
        Assert.Equal(("openai/gpt-5-mini", "gpt-5-mini"), (offer.Model, offer.UpstreamModel));
        Assert.Equal(["/v1/chat/completions"], offer.Endpoints);
        Assert.Equal((BatchMode.Relay, OfferStatus.Active, "unknown", false), (offer.Batch, offer.Status, offer.Quantization, offer.Distillable));
        Assert.Null(offer.SupportedParameters);
        Assert.Equal((128_000L, 400_000L), (offer.MaxOutputTokens, offer.ContextLength));
        Assert.Equal(
            [new(Meter.InputTokens, 1_000_000, 0.25m, PricePlan.Standard), new(Meter.OutputTokens, 1_000_000, 2.00m, PricePlan.Standard)],
            offer.Prices.Rules);
    }

    [Fact]
    public void The_catalog_that_ships_is_valid_and_prices_every_real_offer_with_a_source()
    {
        var (catalog, errors) = CatalogFile.Parse(CatalogFile.ReadDefault());

        Assert.Empty(errors);
        Assert.Equal("sim/echo-small", catalog!.Resolve("echo-small").Model);
        Assert.Equal(Endpoints.All, catalog.OffersOf("sim/echo-large").Single().Endpoints);
        using var file = System.Text.Json.JsonDocument.Parse(CatalogFile.ReadDefault());
        foreach (var offer in file.RootElement.GetProperty("offers").EnumerateArray().Where(o => o.GetProperty("provider").GetString() != "simulator"))
        {
            Assert.All(offer.GetProperty("prices").EnumerateArray(), price =>
            {
                Assert.StartsWith("https://", price.GetProperty("source_url").GetString(), StringComparison.Ordinal);
                Assert.Matches("^20[0-9]{2}-[0-9]{2}-[0-9]{2}$", price.GetProperty("as_of").GetString()!);
            });
        }
    }

    [Fact]
    public void Prices_may_be_numbers_or_numeric_strings()
    {
        var catalog = Catalogs.Parse(Example.Replace("\"0.25\"", "0.25", StringComparison.Ordinal));

        Assert.Equal(0.25m, catalog.Offers[0].Prices.Find(Meter.InputTokens, PricePlan.Standard)!.PriceUsd);
    }

    [Fact]
    public void The_version_follows_the_content()
    {
        var same = Catalogs.Parse(Example).Version;
        var other = Catalogs.Parse(Example.Replace("2.00", "2.01", StringComparison.Ordinal)).Version;

        Assert.Equal(same, Catalogs.Parse(Example).Version);
        Assert.NotEqual(same, other);
    }

    [Fact]
    public void Simulators_say_how_they_behave()
    {
        var catalog = Catalogs.Parse("""
            {"providers":[{"id":"s","kind":"simulator","simulator":{"latency_ms":5,"output_tokens":7,"error_rate":0.5,"throttle_rate":1}}],"offers":[]}
            """);

        Assert.Equal(
            new SimulatorSettings { Latency = TimeSpan.FromMilliseconds(5), OutputTokens = 7, ErrorRate = 0.5, ThrottleRate = 1 },
            catalog.Providers[0].Simulator);
    }

    // Each line: what to replace in the example => by what => the one error that follows.
    [Theory]
    [InlineData("\"kind\":\"openai\"", "\"kind\":\"magic\"", "providers[0].kind: must be one of openai, anthropic, simulator.")]
    [InlineData("https://api.openai.com/v1", "ftp://x", "providers[0].base_url: must be an absolute http or https URL without user, query and fragment.")]
    [InlineData("https://api.openai.com/v1", "https://u:p@x/v1", "providers[0].base_url: must be an absolute http or https URL without user, query and fragment.")]
    [InlineData("OPENAI_API_KEY", "sk-not-a-name", "providers[0].api_key_env: must be the name of an environment variable: letters, digits and '_'.")]
    [InlineData("\"max_concurrency\":64", "\"max_concurrency\":0", "providers[0].max_concurrency: must be a whole number between 1 and 100000.")]
    [InlineData("\"max_concurrency\":64", "\"max_concurrency\":\"64\"", "providers[0].max_concurrency: must be a whole number between 1 and 100000.")]
    [InlineData("\"max_concurrency\":64", "\"max_concurency\":64", "providers[0].max_concurency: is not a field of the catalog.")]
    [InlineData("\"execution_regions\":[\"us\"]", "\"execution_regions\":\"us\"", "providers[0].execution_regions: must be a list of strings.")]
    [InlineData("\"trains_on_data\":false", "\"trains_on_data\":0", "providers[0].trains_on_data: must be true or false.")]
    [InlineData("{\"provider\":\"openai\"", "{\"provider\":\"nobody\"", "offers[0].provider: \"nobody\" is no provider of this catalog.")]
    [InlineData("\"model\":\"openai/gpt-5-mini\"", "\"model\":\"gpt 5\"", "offers[0].model: must not hold spaces or control characters.")]
    [InlineData("\"upstream_model\":\"gpt-5-mini\",", "", "offers[0].upstream_model: is required.")]
    [InlineData("[\"/v1/chat/completions\"]", "[]", "offers[0].endpoints: must name one or more of /v1/chat/completions, /v1/responses, /v1/embeddings, /v1/completions, /v1/moderations, /v1/messages, /v1/images/generations.")]
    [InlineData("\"status\":\"active\"", "\"status\":\"Active\"", "offers[0].status: must be one of active, alpha, disabled.")]
    [InlineData("\"price_usd\":\"2.00\"", "\"price_usd\":\"-2.00\"", "offers[0].prices[1].price_usd: must be an amount between 0 and 1000000 with at most 12 decimals, as a number or a string.")]
    [InlineData("\"price_usd\":\"2.00\"", "\"price_usd\":\"0.0000000000001\"", "offers[0].prices[1].price_usd: must be an amount between 0 and 1000000 with at most 12 decimals, as a number or a string.")]
    [InlineData("\"unit_size\":1000000,\"price_usd\":\"2.00\"", "\"unit_size\":0,\"price_usd\":\"2.00\"", "offers[0].prices[1].unit_size: must be a whole number between 1 and 1000000000000.")]
    [InlineData("\"meter\":\"output_tokens\"", "\"meter\":\"input_tokens\"", "offers[0].prices[1].meter: has two prices in one plan.")]
    [InlineData("\"plan\":\"standard\"}]", "\"plan\":\"standard\",\"as_of\":\"May\"}]", "offers[0].prices[1].as_of: must be a date like 2026-01-31.")]
    [InlineData("\"distillable\":false", "\"distillable\":false,\"distillable\":true", "$: a field is there twice in one object.")]
    public void A_fault_is_refused_with_its_path(string part, string by, string error)
    {
        Assert.Contains(part, Example, StringComparison.Ordinal);

        var errors = Catalogs.ErrorsOf(Example.Replace(part, by, StringComparison.Ordinal));

        Assert.Equal([error], errors);
    }

    [Fact]
    public void Every_fault_is_listed_not_only_the_first()
    {
        var errors = Catalogs.ErrorsOf("""
            {"providers":[{"id":"a","kind":"openai","base_url":"nowhere"},{"id":"A","kind":"simulator","colour":1},7,{"id":"b c","kind":"simulator"}],
             "offers":[{"provider":"a","model":"m","upstream_model":"m","endpoints":["/v1/chat"],"batch":"relay","status":"active","prices":[{"meter":"x"}]}],
             "extra":{}}
            """);

        Assert.Equal(
            [
                "providers[0].base_url: must be an absolute http or https URL without user, query and fragment.",
                "providers[1].colour: is not a field of the catalog.",
                "providers[1].id: \"A\" is there twice (case does not count).",
                "providers[2]: must be an object.",
                "providers[3].id: may hold letters, digits, '-', '_' and '.'.",
                "offers[0].endpoints: must name one or more of " + string.Join(", ", Endpoints.All) + ".",
                "offers[0].prices[0].meter: must be one of input_tokens, cached_input_tokens, cache_write_input_tokens, output_tokens, reasoning_tokens, images, audio_minutes, requests.",
                "offers[0].prices[0].plan: is required.",
                "offers[0].prices[0].unit_size: is required.",
                "offers[0].prices[0].price_usd: is required.",
                "extra: is not a field of the catalog.",
            ],
            errors);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"providers\":")]
    [InlineData("{\"providers\":[{\"id\":\"\\ud800\"}],\"offers\":[]}")]
    public void What_is_no_catalog_at_all_is_an_error_and_no_exception(string json)
    {
        Assert.NotEmpty(Catalogs.ErrorsOf(json));
    }

    [Fact]
    public void An_anthropic_provider_serves_messages_only()
    {
        var errors = Catalogs.ErrorsOf(Example.Replace("\"kind\":\"openai\"", "\"kind\":\"anthropic\"", StringComparison.Ordinal));

        Assert.Equal(["offers[0].endpoints: a provider of kind anthropic serves /v1/messages only."], errors);
    }

    [Theory]
    [InlineData("a/one", "a/one", "a/one")]
    [InlineData("one", null, "a/one b/one")]
    [InlineData("two", "a/two", "a/two")]
    [InlineData("plain", "plain", "plain")]
    [InlineData("deep/name", "x/deep/name", "x/deep/name")]
    [InlineData("name", null, "")]
    [InlineData("A/one", null, "")]
    public void Names_are_exact_first_and_short_if_they_fit_one_model(string name, string? model, string candidates)
    {
        var catalog = Catalogs.Of("""
            p a/one 1 1
            p b/one 1 1
            p a/two 1 1
            p plain 1 1
            p c/plain 1 1
            p x/deep/name 1 1
            """);

        var resolved = catalog.Resolve(name);

        Assert.Equal(model, resolved.Model);
        Assert.Equal(candidates, string.Join(' ', resolved.Candidates));
    }
}
