using System.Text;
using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans.Tests.Routing;

public sealed class RouteModelCheckTests
{
    private static readonly Catalog Models = Catalogs.Of("""
        dear a/one 5 20
        cheap a/one 0.5 2
        cheap a/two 1 1
        cheap b/two 1 1
        """);

    // The model; the row's policy; the fault's code, param and a part of its message.
    [Theory]
    [InlineData("a/one", "", "")]
    [InlineData("one", "{\"only\":[\"dear\"]}", "")]
    [InlineData("two", "", "model_not_found body.model: 'two' is not unique; name one of: a/two, b/two.")]
    [InlineData("three", "", "model_not_found body.model: The model 'three' does not exist.")]
    [InlineData("tell me a story", "", "model_not_found body.model: The model of this row does not exist.")]
    [InlineData("a/one", "{\"only\":7}", "invalid_type body.provider.only: expected an array of strings")]
    [InlineData("a/one", "{\"zdr\":true}", "unsupported_parameter body.provider.zdr: not supported")]
    [InlineData("a/one", "{\"only\":[\"nobody\"]}", "no_eligible_provider body.provider.only: the model 'a/one' on /v1/chat/completions; 'only' left none. Ruled out: dear (only), cheap (only).")]
    [InlineData("one", "{\"only\":[\"dear\"],\"max_price\":{\"prompt\":1}}", "no_eligible_provider body.provider.max_price: 'max_price' left none. Ruled out: cheap (only), dear (max_price).")]
    public async Task Rows_are_checked_against_offers_and_policies(string model, string provider, string expected)
    {
        var check = new RouteModelCheck(new CatalogPlanner(Models), Endpoints.ChatCompletions, ProviderPolicy.None);

        var fault = await check.CheckAsync(model, Encoding.UTF8.GetBytes(provider), TestContext.Current.CancellationToken);

        if (expected.Length == 0)
        {
            Assert.Null(fault);
            return;
        }

        var parts = expected.Split(": ", 2);
        Assert.NotNull(fault);
        Assert.Equal(parts[0], $"{fault.Code} {fault.Param}");
        Assert.Contains(parts[1], fault.Message, StringComparison.Ordinal);
        Assert.Null(fault.Line);
    }

    [Fact]
    public async Task The_batchs_policy_holds_where_the_row_says_nothing()
    {
        var check = new RouteModelCheck(new CatalogPlanner(Models), Endpoints.ChatCompletions, new() { Ignore = ["cheap", "dear"] });

        var bare = await check.CheckAsync("a/one", default, TestContext.Current.CancellationToken);
        var own = await check.CheckAsync("a/one", "{\"ignore\":[\"cheap\"]}"u8.ToArray(), TestContext.Current.CancellationToken);

        Assert.Equal("no_eligible_provider", bare?.Code);
        Assert.Null(own);
    }

    [Fact]
    public async Task An_endpoint_that_the_model_is_not_offered_on_is_the_models_fault()
    {
        var check = new RouteModelCheck(new CatalogPlanner(Models), Endpoints.Embeddings, ProviderPolicy.None);

        var fault = await check.CheckAsync("a/one", default, TestContext.Current.CancellationToken);

        Assert.Equal(("no_eligible_provider", "body.model"), (fault?.Code, fault?.Param));
        Assert.Contains("'endpoint' left none", fault?.Message, StringComparison.Ordinal);
    }

    /// <summary>Plans by a catalog alone.</summary>
    private sealed class CatalogPlanner(Catalog catalog) : IRoutePlanner
    {
        public ValueTask<RoutePlan> PlanAsync(string model, string endpoint, ProviderPolicy policy, CancellationToken cancellation) =>
            new(RouteCalculator.Plan(catalog.OffersOf(model), new RouteQuestion(endpoint, policy, [], true)));

        public ModelName Resolve(string model) => catalog.Resolve(model);
    }
}
