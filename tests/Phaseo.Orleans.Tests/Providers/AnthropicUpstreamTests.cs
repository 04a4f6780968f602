using Phaseo.Orleans.Providers;
using Phaseo.Orleans.Routing;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Providers;

public sealed class AnthropicUpstreamTests : IAsyncLifetime
{
    private const string Messages = "/v1/messages";

    private readonly Upstreams _upstreams = Wires.Upstreams();
    private FakeUpstream _fake = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _fake = await FakeUpstream.StartAsync(cancellation: Cancellation);

    public async ValueTask DisposeAsync()
    {
        _upstreams.Dispose();
        await _fake.DisposeAsync();
    }

    [Theory]
    [InlineData("/", Messages)]
    [InlineData("/v1", Messages)]
    [InlineData("/v1/", Messages)]
    [InlineData("/proxy", "/proxy/v1/messages")]
    public async Task A_row_goes_to_messages_however_the_base_url_is_written(string path, string expected)
    {
        using var answer = await SendAsync(Calls.To(Anthropic(path), endpoint: Messages));

        Assert.Equal(expected, Assert.Single(_fake.Calls).Path);
    }

    [Fact]
    public async Task A_request_carries_key_and_version_and_the_answer_s_usage_includes_the_cache()
    {
        using var answer = await SendAsync(Calls.To(Anthropic("/v1"), endpoint: Messages, row: "batch_req_7", attempt: 2));

        Assert.Null(answer.Failure);
        var seen = Assert.Single(_fake.Calls);
        Assert.Equal(seen.BodyHash, FakeAnswers.FindHash(answer.Body.Span));
        Assert.Equal("sk-test", seen.Headers["x-api-key"]);
        Assert.Equal("2023-06-01", seen.Headers["anthropic-version"]);
        Assert.Equal(("batch_req_7", 2), (seen.Key, seen.Attempt));
        Assert.DoesNotContain("Authorization", seen.Headers);
        var usage = Assert.NotNull(answer.Usage);
        Assert.Equal((10, 2, 1, 5), (usage.InputTokens, usage.CachedInputTokens, usage.CacheWriteInputTokens, usage.OutputTokens));
    }

    [Fact]
    public async Task The_provider_s_own_request_id_is_kept_under_anthropic_s_name_for_it()
    {
        _fake.Always(new FakeFault { Headers = new Dictionary<string, string> { ["x-request-id"] = "", ["request-id"] = "req_011" } });

        using var answer = await SendAsync(Calls.To(Anthropic("/v1"), endpoint: Messages));

        Assert.Equal("req_011", answer.RequestId);
    }

    [Fact]
    public async Task Any_other_endpoint_is_the_operator_s_fault_and_no_call()
    {
        using var answer = await SendAsync(Calls.To(Anthropic("/v1"), endpoint: Calls.Chat));

        Assert.Equal(FailureKind.OperatorFault, answer.Failure!.Kind);
        Assert.Empty(_fake.Calls);
    }

    [Fact]
    public async Task A_key_that_is_not_set_is_the_operator_s_fault_and_no_call()
    {
        using var answer = await SendAsync(Calls.To(Anthropic("/v1") with { ApiKeyEnv = "OTHER_KEY" }, endpoint: Messages));

        Assert.Equal(FailureKind.OperatorFault, answer.Failure!.Kind);
        Assert.Empty(_fake.Calls);
    }

    private Provider Anthropic(string path) => Calls.Provider(ProviderKind.Anthropic, new Uri(_fake.BaseUrl, path), "TEST_KEY");

    private Task<UpstreamAnswer> SendAsync(UpstreamCall call) =>
        _upstreams.Find(call.Offer.Provider).SendAsync(call, Cancellation);
}
