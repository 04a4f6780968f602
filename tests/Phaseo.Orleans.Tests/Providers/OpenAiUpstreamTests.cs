using System.Text;
using Phaseo.Orleans.Providers;
using Phaseo.Orleans.Providers.OpenAi;
using Phaseo.Orleans.Routing;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Providers;

public sealed class OpenAiUpstreamTests : IAsyncLifetime
{
    private readonly Upstreams _upstreams = Wires.Upstreams();
    private FakeUpstream _fake = null!;

    public static TheoryData<string> Endpoints => [.. Calls.Endpoints.Except(["/v1/messages"])];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _fake = await FakeUpstream.StartAsync(cancellation: Cancellation);

    public async ValueTask DisposeAsync()
    {
        _upstreams.Dispose();
        await _fake.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task A_row_goes_to_its_path_and_comes_back_with_its_own_answer(string endpoint)
    {
        var call = Calls.To(Openai(), endpoint: endpoint);

        using var answer = await SendAsync(call);

        Assert.Null(answer.Failure);
        Assert.Equal((200, "fake-1"), (answer.StatusCode, answer.RequestId));
        var seen = Assert.Single(_fake.Calls);
        Assert.Equal(endpoint, seen.Path);
        Assert.Equal(seen.BodyHash, FakeAnswers.FindHash(answer.Body.Span));
        Assert.Equal(-1, answer.Body.Span.IndexOf((byte)'\n'));
        Assert.Equal(endpoint == "/v1/moderations" ? null : 10L, answer.Usage?.InputTokens);
    }

    [Fact]
    public async Task A_request_carries_what_it_must_and_nothing_more()
    {
        using var answer = await SendAsync(Calls.To(Openai("TEST_KEY"), row: "batch_req_7", attempt: 3));

        var headers = Assert.Single(_fake.Calls).Headers;
        Assert.Equal("Bearer sk-test", headers["Authorization"]);
        Assert.Equal("batch_req_7", headers["Idempotency-Key"]);
        Assert.Equal("3", headers["x-phaseo-attempt"]);
        Assert.Equal("application/json", headers["Content-Type"]);
        Assert.Equal("application/json", headers["Accept"]);
        string[] expected = ["Accept", "Authorization", "Content-Length", "Content-Type", "Host", "Idempotency-Key", "x-phaseo-attempt"];
        Assert.Equal(expected, headers.Keys.Order(StringComparer.OrdinalIgnoreCase), StringComparer.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Without_a_key_to_send_none_is_sent()
    {
        using var answer = await SendAsync(Calls.To(Openai()));

        Assert.DoesNotContain("Authorization", Assert.Single(_fake.Calls).Headers);
    }

    [Fact]
    public async Task A_key_that_is_not_set_is_the_operator_s_fault_and_no_call()
    {
        using var answer = await SendAsync(Calls.To(Openai("OTHER_KEY")));

        Assert.Equal(FailureKind.OperatorFault, answer.Failure!.Kind);
        Assert.Empty(_fake.Calls);
    }

    [Theory]
    [InlineData("/v1")]
    [InlineData("/v1/")]
    public async Task A_base_url_may_end_in_a_slash(string path)
    {
        var provider = Openai() with { BaseUrl = new Uri(_fake.BaseUrl, path) };

        using var answer = await SendAsync(Calls.To(provider));

        Assert.Equal("/v1/chat/completions", Assert.Single(_fake.Calls).Path);
    }

    [Fact]
    public async Task A_base_url_keeps_its_own_path()
    {
        var provider = Openai() with { BaseUrl = new Uri(_fake.BaseUrl, "/openai/deployments/x/") };

        using var answer = await SendAsync(Calls.To(provider));

        Assert.Equal("/openai/deployments/x/chat/completions", Assert.Single(_fake.Calls).Path);
    }

    [Fact]
    public async Task A_large_body_arrives_whole_and_the_next_row_uses_the_same_connection()
    {
        var body = $$"""{"model":"m","input":"{{new string('x', 3_000_000)}}"}""";

        using var large = await SendAsync(Calls.To(Openai(), body));
        using var small = await SendAsync(Calls.To(Openai()));

        Assert.Equal(_fake.Calls[0].BodyHash, FakeAnswers.FindHash(large.Body.Span));
        Assert.Equal(_fake.Calls[1].BodyHash, FakeAnswers.FindHash(small.Body.Span));
        Assert.Equal(Encoding.UTF8.GetByteCount(body), _fake.Calls[0].Headers["Content-Length"] is { } n ? int.Parse(n, null) : 0);
    }

    [Fact]
    public async Task Over_https_the_two_sides_speak_http2()
    {
        using var certificate = TestCertificates.CreateLoopback();
        await using var fake = await FakeUpstream.StartAsync(new FakeUpstreamOptions { Certificate = certificate }, Cancellation);
        var handler = ProviderRequests.CreateHandler(TimeSpan.FromSeconds(15));
        handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) => shown!.Equals(certificate);
        var provider = Calls.Provider(ProviderKind.OpenAi, fake.BaseUrl);
        using var upstream = new OpenAiUpstream(provider, Wires.Keys, Wires.Exchange(handler));

        var answers = await Task.WhenAll(Enumerable.Range(0, 20)
            .Select(i => upstream.SendAsync(Calls.To(provider, $$"""{"seed":{{i}}}""", row: $"row{i}"), Cancellation)));

        Assert.All(fake.Calls, x => Assert.Equal("HTTP/2", x.Protocol));
        Assert.Equal(
            fake.Calls.Select(x => x.BodyHash).Order(), answers.Select(x => FakeAnswers.FindHash(x.Body.Span)).Order());
        Assert.All(answers, x => x.Dispose());
    }

    private Provider Openai(string? keyEnv = null) => Calls.Provider(ProviderKind.OpenAi, _fake.BaseUrl, keyEnv);

    private Task<UpstreamAnswer> SendAsync(UpstreamCall call) =>
        _upstreams.Find(call.Offer.Provider).SendAsync(call, Cancellation);
}
