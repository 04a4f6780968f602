using System.Collections.Immutable;
using CsCheck;
using Phaseo.Orleans.Billing;
using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans.Tests.Routing;

public sealed class RouteCalculatorTests
{
    private static readonly Catalog Three = Catalogs.Of("""
        dear m 5 20
        cheap m 0.5 2
        middle m 1 8
        """);

    // The policy; who is ranked, best first; who is dropped and why.
    [Theory]
    [InlineData("", "cheap middle dear", "")]
    [InlineData("order=dear", "dear cheap middle", "")]
    [InlineData("order=MIDDLE,dear,nobody", "middle dear cheap", "")]
    [InlineData("only=dear,MIDDLE", "middle dear", "cheap:only")]
    [InlineData("only=nobody", "", "dear:only cheap:only middle:only")]
    [InlineData("ignore=Cheap", "middle dear", "cheap:ignore")]
    [InlineData("only=cheap ignore=cheap", "", "dear:only middle:only cheap:ignore")]
    [InlineData("prompt=1", "cheap middle", "dear:max_price")]
    [InlineData("prompt=1 completion=7.999999", "cheap", "dear:max_price middle:max_price")]
    [InlineData("prompt=0", "", "dear:max_price cheap:max_price middle:max_price")]
    [InlineData("prompt=1000000000000000000000000", "cheap middle dear", "")]
    [InlineData("image=1", "cheap middle dear", "")]
    [InlineData("audio=1", "cheap middle dear", "")]
    [InlineData("request=1", "", "dear:max_price cheap:max_price middle:max_price")]
    [InlineData("fallbacks=false", "cheap", "middle:allow_fallbacks dear:allow_fallbacks")]
    [InlineData("fallbacks=false order=dear ignore=middle", "dear", "middle:ignore cheap:allow_fallbacks")]
    [InlineData("fallbacks=true", "cheap middle dear", "")]
    public void Policies_filter_and_rank(string policy, string ranked, string dropped)
    {
        var plan = RouteCalculator.Plan(Three.OffersOf("m"), Question(Policy(policy)));

        Assert.Equal(ranked, string.Join(' ', plan.Ranked.Select(offer => offer.Provider.Id)));
        Assert.Equal(dropped, string.Join(' ', plan.Dropped.Select(drop => $"{drop.Provider}:{drop.Reason}")));
    }

    [Fact]
    public void Equal_prices_keep_the_catalogs_order()
    {
        var catalog = Catalogs.Of("""
            c m 1 1
            a m 1 1
            b m 1 1
            """);

        var plan = RouteCalculator.Plan(catalog.OffersOf("m"), Question(ProviderPolicy.None));

        Assert.Equal("c a b", string.Join(' ', plan.Ranked.Select(offer => offer.Provider.Id)));
    }

    [Fact]
    public void An_offer_without_a_price_ranks_last()
    {
        var offers = Three.OffersOf("m");
        var unpriced = offers[1] with { Prices = PriceTable.Empty };

        var plan = RouteCalculator.Plan([unpriced, offers[0]], Question(ProviderPolicy.None));

        Assert.Equal("dear cheap", string.Join(' ', plan.Ranked.Select(offer => offer.Provider.Id)));
    }

    [Theory]
    [InlineData(Meter.ReasoningTokens)]
    [InlineData(Meter.CacheWriteInputTokens)]
    public void Ranking_looks_at_the_worst_that_a_row_may_cost(Meter meter)
    {
        var offers = Three.OffersOf("m");
        var trap = WithPrice(offers[1], new PriceRule(meter, 1_000_000, 100m, PricePlan.Standard));

        var plan = RouteCalculator.Plan([trap, offers[0]], Question(ProviderPolicy.None));

        Assert.Equal("dear cheap", string.Join(' ', plan.Ranked.Select(offer => offer.Provider.Id)));
    }

    [Fact]
    public void The_completion_cap_holds_for_reasoning_too()
    {
        var offer = WithPrice(Three.OffersOf("m")[1], new PriceRule(Meter.ReasoningTokens, 1_000_000, 3m, PricePlan.Standard));

        Assert.Empty(RouteCalculator.Plan([offer], Question(Policy("completion=2.5"))).Ranked);
        Assert.Single(RouteCalculator.Plan([offer], Question(Policy("completion=3"))).Ranked);
    }

    [Fact]
    public void A_capped_meter_that_the_endpoint_uses_needs_a_price()
    {
        var offer = Three.OffersOf("m")[1];
        var free = offer with { Prices = PriceTable.Empty };
        var embeddings = Question(Policy("completion=1")) with { Endpoint = Endpoints.Embeddings };

        Assert.Empty(RouteCalculator.Plan([free], Question(Policy("completion=1"))).Ranked);
        Assert.Single(RouteCalculator.Plan([free with { Endpoints = [Endpoints.Embeddings] }], embeddings).Ranked);
    }

    [Fact]
    public void Caps_look_at_the_price_that_will_be_billed()
    {
        var offer = WithPrice(Three.OffersOf("m")[0], new PriceRule(Meter.InputTokens, 1_000, 0.0025m, PricePlan.Batch));

        Assert.Empty(RouteCalculator.Plan([offer], Question(Policy("prompt=2.5"))).Ranked);
        Assert.Empty(RouteCalculator.Plan([offer with { Batch = BatchMode.Native }], Question(Policy("prompt=2.5"))).Ranked);
    }

    [Fact]
    public void What_the_operator_decided_is_asked_before_what_the_client_wants()
    {
        var offers = Three.OffersOf("m");
        var simulator = offers[0] with { Provider = offers[0].Provider with { Id = "sim", Kind = ProviderKind.Simulator } };
        var question = Question(Policy("only=alpha")) with { Keyless = ["cheap"], AllowSimulator = false };

        var plan = RouteCalculator.Plan(
            [
                offers[0] with { Endpoints = [Endpoints.Embeddings] },
                offers[1],
                offers[2] with { Status = OfferStatus.Disabled },
                simulator,
                offers[0] with { Provider = offers[0].Provider with { Id = "alpha" }, Status = OfferStatus.Alpha },
            ],
            question);

        Assert.Equal(
            "dear:endpoint middle:status sim:simulator cheap:no_key alpha:include_alpha",
            string.Join(' ', plan.Dropped.Select(drop => $"{drop.Provider}:{drop.Reason}")));
        Assert.Equal("include_alpha", plan.DecidingFilter);
    }

    [Fact]
    public void No_policy_ever_lets_a_forbidden_offer_through_and_every_offer_is_accounted_for_once()
    {
        Gen.Select(GenOffers, GenPolicy, Gen.Bool).Sample((offers, policy, simulator) =>
        {
            var question = Question(policy) with { Keyless = ["p1"], AllowSimulator = simulator };

            var plan = RouteCalculator.Plan(offers, question);

            Assert.Equal(
                offers.Select(offer => offer.Provider.Id).Order(),
                plan.Ranked.Select(offer => offer.Provider.Id).Concat(plan.Dropped.Select(drop => drop.Provider)).Order());
            Assert.All(plan.Ranked, offer => Assert.True(MayServe(offer, question)));
            Assert.All(plan.Dropped.Where(drop => drop.Reason != "allow_fallbacks"), drop =>
                Assert.False(MayServe(offers.Single(offer => offer.Provider.Id == drop.Provider), question)));
            Assert.True(policy.AllowFallbacks != false || plan.Ranked.Length <= 1);
            Assert.Equal(plan.Ranked.IsEmpty && !offers.IsEmpty, plan.DecidingFilter is not null);
        });
    }

    // The contract's rules once more, written as one sentence instead of a pipeline.
    private static bool MayServe(Offer offer, RouteQuestion question)
    {
        var id = offer.Provider.Id;
        var policy = question.Policy;
        decimal? PerMillion(Meter meter) => offer.Prices.Rules.Where(rule => rule.Meter == meter)
            .Select(rule => (decimal?)(rule.PriceUsd * 1_000_000 / rule.UnitSize)).SingleOrDefault();
        return offer.Endpoints.Contains(question.Endpoint)
            && offer.Status == OfferStatus.Active
            && !question.Keyless.Contains(id)
            && (offer.Provider.Kind != ProviderKind.Simulator || question.AllowSimulator)
            && (policy.Only is null || policy.Only.Value.Contains(id, StringComparer.OrdinalIgnoreCase))
            && (policy.Ignore is null || !policy.Ignore.Value.Contains(id, StringComparer.OrdinalIgnoreCase))
            && (policy.MaxPrice?.Prompt is not { } prompt || PerMillion(Meter.InputTokens) <= prompt)
            && (policy.MaxPrice?.Completion is not { } completion || PerMillion(Meter.OutputTokens) <= completion);
    }

    private static readonly Gen<PriceTable> GenPrices =
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 4], Gen.Int[0, 5]).Select((input, output, kind) => kind switch
        {
            0 => PriceTable.Empty,
            1 => new PriceTable([new(Meter.InputTokens, 1_000, input / 1_000m, PricePlan.Standard)]),
            _ => new PriceTable(
                [
                    new(Meter.InputTokens, 1_000, input / 1_000m, PricePlan.Standard),
                    new(Meter.OutputTokens, 1_000_000, output, PricePlan.Standard),
                ]),
        });

    private static readonly Gen<ImmutableArray<Offer>> GenOffers =
        Gen.Select(GenPrices, Gen.Int[0, 5], Gen.Int[0, 5], Gen.Int[0, 5]).Array[0, 6].Select(items => items
            .Select((item, i) => new Offer
            {
                Provider = new Provider { Id = $"p{i}", Kind = item.Item2 == 0 ? ProviderKind.Simulator : ProviderKind.OpenAi },
                Model = "m",
                UpstreamModel = "m",
                Endpoints = [item.Item3 == 0 ? Endpoints.Responses : Endpoints.ChatCompletions],
                Status = item.Item4 switch { 0 => OfferStatus.Alpha, 1 => OfferStatus.Disabled, _ => OfferStatus.Active },
                Prices = item.Item1,
            })
            .ToImmutableArray());

    private static readonly Gen<ImmutableArray<string>?> GenIds =
        Gen.Int[0, 6].Array[0, 5].Select(ids => ids.Length == 0 ? (ImmutableArray<string>?)null : [.. ids.Select(id => $"P{id}")]);

    private static readonly Gen<decimal?> GenCap = Gen.Int[-3, 5].Select(cap => cap < 0 ? (decimal?)null : cap);

    private static readonly Gen<ProviderPolicy> GenPolicy =
        Gen.Select(GenIds, GenIds, GenIds, GenCap, GenCap, Gen.Int[0, 2]).Select((order, only, ignore, prompt, completion, fallbacks) =>
            new ProviderPolicy
            {
                Order = order,
                Only = only,
                Ignore = ignore,
                MaxPrice = new MaxPrice { Prompt = prompt, Completion = completion },
                AllowFallbacks = fallbacks == 0 ? null : fallbacks == 1,
            });

    private static Offer WithPrice(Offer offer, PriceRule rule) =>
        offer with { Prices = new PriceTable(offer.Prices.Rules.Add(rule)) };

    private static RouteQuestion Question(ProviderPolicy policy) => new(Endpoints.ChatCompletions, policy, [], true);

    private static ProviderPolicy Policy(string text)
    {
        var policy = ProviderPolicy.None;
        foreach (var (key, value) in text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(part => part.Split('=')).Select(part => (part[0], part[1])))
        {
            var caps = policy.MaxPrice ?? new MaxPrice();
            policy = key switch
            {
                "order" => policy with { Order = [.. value.Split(',')] },
                "only" => policy with { Only = [.. value.Split(',')] },
                "ignore" => policy with { Ignore = [.. value.Split(',')] },
                "fallbacks" => policy with { AllowFallbacks = value == "true" },
                "prompt" => policy with { MaxPrice = caps with { Prompt = Number(value) } },
                "completion" => policy with { MaxPrice = caps with { Completion = Number(value) } },
                "image" => policy with { MaxPrice = caps with { Image = Number(value) } },
                "audio" => policy with { MaxPrice = caps with { Audio = Number(value) } },
                "request" => policy with { MaxPrice = caps with { Request = Number(value) } },
                _ => throw new ArgumentException(key),
            };
        }

        return policy;
    }

    private static decimal Number(string text) => decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
