using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Phaseo.Orleans.Providers;
using Phaseo.Orleans.Routing;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Routing;

public sealed class RoutePlannerTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly TempFolder _folder = new();
    private readonly CatalogOptions _options = new();
    private readonly FakeRouter _router = new();
    private CatalogStore? _catalogs;
    private PriceLists? _lists;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_hit_is_synchronous_and_allocates_nothing()
    {
        var planner = Planner("[\"p\",\"q\"]");
        ProviderPolicy Policy() => new() { Only = ["p"], MaxPrice = new MaxPrice { Prompt = 5 } };
        var first = await planner.PlanAsync("m", Endpoints.ChatCompletions, Policy(), CancellationToken.None);
        var equal = Policy();
        Assert.Same(first, await planner.PlanAsync("m", Endpoints.ChatCompletions, equal, CancellationToken.None));

        var before = GC.GetAllocatedBytesForCurrentThread();
        var there = IsThere(planner.PlanAsync("m", Endpoints.ChatCompletions, equal, CancellationToken.None));

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.True(there);
        Assert.Equal(1, _router.Asked);
    }

    [Fact]
    public async Task Different_questions_have_different_plans()
    {
        var planner = Planner("[\"p\",\"q\"]");

        await Plan(planner, new());
        await Plan(planner, new() { Only = ["p"] });
        await Plan(planner, new() { Only = ["q"] });
        await Plan(planner, new() { Ignore = ["p"] });
        await Plan(planner, new() { Order = ["p", "q"] });
        await Plan(planner, new() { Order = ["q", "p"] });
        await Plan(planner, new() { AllowFallbacks = false });
        await Plan(planner, new() { MaxPrice = new MaxPrice { Prompt = 1 } });
        await Plan(planner, new() { MaxPrice = new MaxPrice { Completion = 1 } });
        await planner.PlanAsync("m", Endpoints.Embeddings, new(), CancellationToken.None);

        Assert.Equal(10, _router.Asked);
    }

    [Fact]
    public async Task A_plan_is_made_anew_after_its_lifetime()
    {
        var planner = Planner("[\"p\"]");
        await Plan(planner, new());

        _clock.Advance(RoutePlanner.Lifetime - TimeSpan.FromMilliseconds(1));
        await Plan(planner, new());
        Assert.Equal(1, _router.Asked);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        await Plan(planner, new());

        Assert.Equal(2, _router.Asked);
    }

    [Fact]
    public async Task A_new_catalog_makes_every_plan_anew()
    {
        var planner = Planner("[\"p\",\"q\"]");
        Assert.Equal("p q", await Plan(planner, new()));

        Write("[\"q\"]");
        await _catalogs!.RefreshAsync(TestContext.Current.CancellationToken);

        Assert.Equal("q", await Plan(planner, new()));
    }

    [Fact]
    public async Task A_price_that_moves_later_is_not_the_price_of_an_older_batch()
    {
        var planner = Planner("[\"p\",\"q\"]", price: "2");
        var then = await _lists!.KeepAsync(CancellationToken.None);
        Write("[\"p\",\"q\",\"new\"]", price: "9");
        await _catalogs!.RefreshAsync(CancellationToken.None);
        ProviderPolicy cap = new() { MaxPrice = new MaxPrice { Prompt = 5 } };

        var older = await planner.PlanAsync("m", Endpoints.ChatCompletions, cap, then, CancellationToken.None);
        var newer = await planner.PlanAsync("m", Endpoints.ChatCompletions, cap, null, CancellationToken.None);
        var again = await planner.PlanAsync("m", Endpoints.ChatCompletions, cap, then, CancellationToken.None);

        Assert.Equal("p q", string.Join(' ', older.Ranked.Select(offer => offer.Provider.Id)));
        Assert.All(older.Ranked, offer => Assert.Equal(2, offer.Prices.Rules.Single().PriceUsd));
        Assert.Equal("max_price", newer.DecidingFilter);
        Assert.Same(older, again);
    }

    [Fact]
    public async Task Many_who_ask_at_once_ask_one_question()
    {
        var planner = Planner("[\"p\"]");
        _router.Gate = new TaskCompletionSource();

        var asked = Enumerable.Range(0, 50).Select(_ => Plan(planner, new())).ToArray();
        _router.Gate.SetResult();
        var answers = await Task.WhenAll(asked);

        Assert.Equal(["p"], answers.Distinct());
        Assert.Equal(1, _router.Asked);
    }

    [Fact]
    public async Task A_router_that_fails_stops_nobody()
    {
        var planner = Planner("[\"p\",\"q\"]");
        _router.Failure = new TimeoutException();

        Assert.Equal("p q", await Plan(planner, new()));
    }

    [Fact]
    public async Task A_router_that_hangs_stops_nobody()
    {
        var planner = Planner("[\"p\",\"q\"]");
        _router.Gate = new TaskCompletionSource();
        var plan = Plan(planner, new());

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!plan.IsCompleted)
        {
            limit.Token.ThrowIfCancellationRequested();
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        Assert.Equal("p q", await plan);
    }

    [Fact]
    public async Task A_router_with_another_catalog_is_not_followed()
    {
        var planner = Planner("[\"p\",\"q\"]");
        _router.Answer = _ => null;

        Assert.Equal("p q", await Plan(planner, new()));
    }

    [Fact]
    public async Task The_routers_order_is_followed()
    {
        var planner = Planner("[\"p\",\"q\"]");
        _router.Answer = _ => new RouteAnswer(["q"], [new RouteDrop("p", "outage")]);

        var plan = await planner.PlanAsync("m", Endpoints.ChatCompletions, new(), TestContext.Current.CancellationToken);

        Assert.Equal("q", plan.Ranked.Single().Provider.Id);
        Assert.Equal(new RouteDrop("p", "outage"), plan.Dropped.Single());
    }

    [Fact]
    public async Task Providers_without_a_key_and_forbidden_simulators_are_named_in_the_question()
    {
        _options.AllowSimulator = false;
        var planner = Planner("[\"p\",\"q\"]", keyEnv: "ROUTE_PLANNER_TEST_KEY", keys: new ProviderKeys(_ => null));

        await Plan(planner, new());

        Assert.Equal(["p", "q"], _router.Last!.Keyless);
        Assert.False(_router.Last.AllowSimulator);
    }

    [Fact]
    public async Task An_unknown_model_has_an_empty_plan_and_asks_nobody()
    {
        var planner = Planner("[\"p\"]");

        var plan = await planner.PlanAsync("nothing", Endpoints.ChatCompletions, new(), TestContext.Current.CancellationToken);

        Assert.Same(RoutePlan.None, plan);
        Assert.Null(plan.DecidingFilter);
        Assert.Equal(0, _router.Asked);
    }

    [Fact]
    public async Task Policies_that_clients_make_up_do_not_fill_the_memory()
    {
        var planner = Planner("[\"p\"]");

        for (var i = 0; i < RoutePlanner.MaxPlans + 10; i++)
        {
            await Plan(planner, new() { Order = [$"{i}"] });
        }

        Assert.InRange(planner.Plans, 1, RoutePlanner.MaxPlans);
    }

    [Fact]
    public async Task A_caller_that_gives_up_does_not_wait_for_the_router()
    {
        var planner = Planner("[\"p\"]");
        _router.Gate = new TaskCompletionSource();
        using var cancellation = new CancellationTokenSource();
        var plan = planner.PlanAsync("m", Endpoints.ChatCompletions, new(), cancellation.Token).AsTask();

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => plan);
        _router.Gate.SetResult();
        Assert.Equal("p", await Plan(planner, new()));
    }

    private static async Task<string> Plan(RoutePlanner planner, ProviderPolicy policy)
    {
        var plan = await planner.PlanAsync("m", Endpoints.ChatCompletions, policy, CancellationToken.None);
        return string.Join(' ', plan.Ranked.Select(offer => offer.Provider.Id));
    }

    private static bool IsThere(ValueTask<RoutePlan> plan) => plan.IsCompletedSuccessfully;

    private RoutePlanner Planner(string providers, string? keyEnv = null, ProviderKeys? keys = null, string price = "1")
    {
        _options.Path = Path.Combine(_folder.Path, "catalog.json");
        Write(providers, keyEnv, price);
        _catalogs = new CatalogStore(Options.Create(_options), NullLogger<CatalogStore>.Instance);
        _router.Catalogs = _catalogs;
        _lists = new PriceLists(_catalogs, new MemoryBlobs(), TimeProvider.System, NullLogger<PriceLists>.Instance);
        return new RoutePlanner(
            _catalogs, _lists, OneGrainFactory.Of(_router), keys ?? new ProviderKeys(), Options.Create(_options), _clock, NullLogger<RoutePlanner>.Instance);
    }

    private void Write(string providers, string? keyEnv = null, string price = "1")
    {
        var ids = JsonSerializer.Deserialize<string[]>(providers)!;
        var key = keyEnv is null ? "null" : $"\"{keyEnv}\"";
        File.WriteAllText(_options.Path!, $$"""
            {"providers":[{{string.Join(',', ids.Select(id => $$"""{"id":"{{id}}","kind":"openai","base_url":"https://{{id}}.example","api_key_env":{{key}}}"""))}}],
             "offers":[{{string.Join(',', ids.Select(id => $$"""
                {"provider":"{{id}}","model":"m","upstream_model":"m","endpoints":["/v1/chat/completions","/v1/embeddings"],"batch":"relay","status":"active",
                 "prices":[{"meter":"input_tokens","unit_size":1000000,"price_usd":"{{price}}","plan":"standard"}]}
                """))}}]}
            """);
    }
}
