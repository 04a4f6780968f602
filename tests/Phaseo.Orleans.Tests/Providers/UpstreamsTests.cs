using Microsoft.Extensions.DependencyInjection;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Providers;
using Phaseo.Orleans.Providers.Anthropic;
using Phaseo.Orleans.Providers.OpenAi;
using Phaseo.Orleans.Providers.Simulator;
using Phaseo.Orleans.Routing;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Providers;

public sealed class UpstreamsTests
{
    private static readonly Provider Openai = Calls.Provider(ProviderKind.OpenAi, new Uri("http://127.0.0.1:1/v1"));

    [Fact]
    public void Each_kind_has_its_adapter()
    {
        using var upstreams = Wires.Upstreams();

        Assert.IsType<OpenAiUpstream>(upstreams.Find(Openai));
        Assert.IsType<AnthropicUpstream>(upstreams.Find(Calls.Provider(ProviderKind.Anthropic, Openai.BaseUrl)));
        Assert.IsType<SimulatorUpstream>(upstreams.Find(Calls.Provider(ProviderKind.Simulator)));
    }

    [Fact]
    public void A_provider_keeps_its_adapter_as_long_as_it_is_spoken_to_in_the_same_way()
    {
        using var upstreams = Wires.Upstreams();

        var adapter = upstreams.Find(Openai);

        Assert.Same(adapter, upstreams.Find(Openai));
        Assert.Same(adapter, upstreams.Find(Openai with { }));
        Assert.Same(adapter, upstreams.Find(Openai with { MaxConcurrency = 7 }));
        Assert.Same(adapter, upstreams.Find(Openai with { Id = "OPENAI" }));
        Assert.NotSame(adapter, upstreams.Find(Openai with { BaseUrl = new Uri("http://127.0.0.1:2/v1") }));
        Assert.NotSame(adapter, upstreams.Find(Openai with { ApiKeyEnv = "TEST_KEY" }));
        Assert.NotSame(adapter, upstreams.Find(Openai with { Id = "other" }));
        Assert.Same(adapter, upstreams.Find(Openai));
    }

    [Fact]
    public async Task After_a_change_of_the_base_url_calls_go_to_the_new_one_and_calls_under_way_still_end_well()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var before = await FakeUpstream.StartAsync(cancellation: cancellation);
        await using var after = await FakeUpstream.StartAsync(cancellation: cancellation);
        before.Always(FakeFault.Late(TimeSpan.FromMilliseconds(200)));
        using var upstreams = Wires.Upstreams();
        var provider = Openai with { BaseUrl = before.BaseUrl };
        var moved = Openai with { BaseUrl = after.BaseUrl };

        var underWay = upstreams.Find(provider).SendAsync(Calls.To(provider), cancellation);
        using var next = await upstreams.Find(moved).SendAsync(Calls.To(moved), cancellation);
        using var last = await underWay;

        Assert.Null(next.Failure);
        Assert.Null(last.Failure);
        Assert.Single(before.Calls);
        Assert.Single(after.Calls);
    }

    [Fact]
    public async Task After_shutdown_a_call_is_unreachable()
    {
        var upstreams = Wires.Upstreams();
        var adapter = upstreams.Find(Openai);
        upstreams.Dispose();

        using var answer = await adapter.SendAsync(Calls.To(Openai), TestContext.Current.CancellationToken);

        Assert.Equal(FailureKind.Unreachable, answer.Failure!.Kind);
    }

    [Fact]
    public async Task The_services_are_complete()
    {
        await using var services = new ServiceCollection().AddPhaseoProviders().Configure<BatchOptions>(_ => { }).BuildServiceProvider();
        var simulator = Calls.Provider(ProviderKind.Simulator) with { Simulator = new SimulatorSettings { Latency = TimeSpan.Zero } };

        using var answer = await services.GetRequiredService<IUpstreams>()
            .Find(simulator).SendAsync(Calls.To(simulator), TestContext.Current.CancellationToken);

        Assert.Equal(200, answer.StatusCode);
        Assert.NotNull(services.GetRequiredService<ProviderKeys>());
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("TEST_KEY", true)]
    [InlineData("EMPTY", false)]
    [InlineData("UNSET", false)]
    public void A_provider_has_its_key_if_it_is_set_or_none_is_asked_for(string? env, bool expected)
    {
        var keys = new ProviderKeys(name => name switch
        {
            "TEST_KEY" => "sk-test",
            "EMPTY" => " \n",
            _ => null,
        });

        Assert.Equal(expected, keys.Has(Openai with { ApiKeyEnv = env }));
    }
}
