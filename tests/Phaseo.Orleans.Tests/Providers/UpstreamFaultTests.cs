using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Providers;
using Phaseo.Orleans.Routing;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Providers;

/// <summary>Every way in which an upstream is planned to fail, over a real connection.</summary>
public sealed class UpstreamFaultTests : IAsyncLifetime
{
    private static readonly BatchOptions Small = new() { MaxAnswerBytes = 100_000, MaxImageAnswerBytes = 200_000 };

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
    private Upstreams _upstreams = null!;
    private FakeUpstream _fake = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private Provider Provider => Calls.Provider(ProviderKind.OpenAi, _fake.BaseUrl);

    public async ValueTask InitializeAsync()
    {
        _upstreams = Wires.Upstreams(Small, _time);
        _fake = await FakeUpstream.StartAsync(cancellation: Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        _upstreams.Dispose();
        await _fake.DisposeAsync();
    }

    [Theory]
    [InlineData(429, FailureKind.RateLimited)]
    [InlineData(408, FailureKind.Overloaded)]
    [InlineData(425, FailureKind.Overloaded)]
    [InlineData(500, FailureKind.Overloaded)]
    [InlineData(502, FailureKind.Overloaded)]
    [InlineData(503, FailureKind.Overloaded)]
    [InlineData(504, FailureKind.Overloaded)]
    [InlineData(400, FailureKind.Refused)]
    [InlineData(404, FailureKind.Refused)]
    [InlineData(413, FailureKind.Refused)]
    [InlineData(422, FailureKind.Refused)]
    public async Task An_error_that_may_be_the_row_s_answer_keeps_its_status_and_body(int status, object kind)
    {
        _fake.Always(FakeFault.Answer(status, "{\n\"error\":{\"message\":\"No.\"}\r\n}"));

        using var answer = await SendAsync();

        Assert.Equal((status, kind), (answer.StatusCode, answer.Failure!.Kind));
        Assert.Equal("{ \"error\":{\"message\":\"No.\"}  }", answer.Text());
        Assert.Equal("fake-1", answer.RequestId);
        Assert.Null(answer.Usage);
    }

    [Theory]
    [InlineData(401, """{"error":{"message":"Incorrect API key provided: sk-test"}}""")]
    [InlineData(402, """{"error":{"message":"Pay."}}""")]
    [InlineData(403, "<html>Forbidden</html>")]
    [InlineData(404, """{"error":{"message":"The model `m` does not exist","code":"model_not_found"}}""")]
    [InlineData(429, """{"error":{"message":"You exceeded your current quota","code":"insufficient_quota"}}""")]
    [InlineData(301, "")]
    [InlineData(307, "{}")]
    public async Task The_operator_s_fault_shows_no_body(int status, string body)
    {
        _fake.Always(FakeFault.Answer(status, body) with
        {
            Headers = new Dictionary<string, string> { ["Location"] = _fake.BaseUrl + "/elsewhere" },
        });

        using var answer = await SendAsync();

        Assert.Equal((status, FailureKind.OperatorFault), (answer.StatusCode, answer.Failure!.Kind));
        Assert.True(answer.Failure.IsRetryable);
        Assert.True(answer.Body.IsEmpty);
        Assert.Single(_fake.Calls);
    }

    [Theory]
    [InlineData(502, "<html><h1>Bad gateway</h1></html>", "server_error")]
    [InlineData(503, "", "server_error")]
    [InlineData(429, "slow down", "rate_limit_error")]
    [InlineData(400, "[1]", "invalid_request_error")]
    [InlineData(404, "404 page not found", "invalid_request_error")]
    [InlineData(500, "{\"error\":", "server_error")]
    public async Task An_error_body_that_is_not_json_is_wrapped(int status, string body, string type)
    {
        _fake.Always(FakeFault.Answer(status, body) with { ContentType = "text/html" });

        using var answer = await SendAsync();

        Assert.Equal(
            $$$"""{"error":{"message":"Upstream answered {{{status}}} with a body that is not JSON.","type":"{{{type}}}","param":null,"code":null}}""",
            answer.Text());
    }

    [Theory]
    [InlineData(429, "30", 30)]
    [InlineData(503, "30", 30)]
    [InlineData(408, "0", 0)]
    [InlineData(429, "Tue, 24 Nov 2026 12:01:00 GMT", 60)]
    [InlineData(429, "3600", 3600)]
    [InlineData(429, "3601", null)]
    [InlineData(429, "-5", null)]
    [InlineData(429, "in a while", null)]
    [InlineData(429, null, null)]
    [InlineData(400, "30", null)]
    public async Task Retry_after_is_followed_within_reason(int status, string? value, int? seconds)
    {
        _fake.Always(FakeFault.Answer(status, retryAfter: value));

        using var answer = await SendAsync();

        Assert.Equal(seconds, answer.Failure!.RetryAfter?.TotalSeconds);
    }

    [Theory]
    [InlineData("<html><body>Login</body></html>")]
    [InlineData("")]
    [InlineData("data: {\"choices\":[]}\n\ndata: [DONE]\n\n")]
    [InlineData("{\"choices\":[}")]
    [InlineData("[]")]
    public async Task A_good_status_with_a_bad_body_is_an_invalid_response(string body)
    {
        _fake.Always(FakeFault.Answer(200, body));

        using var answer = await SendAsync();

        Assert.Equal(FailureKind.InvalidResponse, answer.Failure!.Kind);
        Assert.False(answer.Failure.IsRetryable);
        Assert.True(answer.Body.IsEmpty);
    }

    [Theory]
    [InlineData(FakeFaultKind.Truncate)]
    [InlineData(FakeFaultKind.HalfBody)]
    public async Task A_body_that_ends_early_is_truncated(FakeFaultKind kind)
    {
        _fake.Always(FakeFault.Of(kind));

        using var answer = await SendAsync();

        Assert.Equal((200, FailureKind.Truncated), (answer.StatusCode, answer.Failure!.Kind));
        Assert.True(answer.Body.IsEmpty);
    }

    [Fact]
    public async Task An_error_that_breaks_off_still_counts_by_its_status()
    {
        _fake.Always(FakeFault.Of(FakeFaultKind.Truncate) with { Status = 503, RetryAfter = "9" });

        using var answer = await SendAsync();

        Assert.Equal(new ProviderFailure(FailureKind.Overloaded, TimeSpan.FromSeconds(9)), answer.Failure);
        using var body = JsonDocument.Parse(answer.Body);
        Assert.Contains("503", body.RootElement.GetProperty("error").GetProperty("message").GetString());
    }

    [Theory]
    [InlineData(FakeFaultKind.Huge, 100_001)]
    [InlineData(FakeFaultKind.Huge, 50_000_000)]
    [InlineData(FakeFaultKind.HugeLength, 2_000_000_000)]
    [InlineData(FakeFaultKind.HugeHeaders, 1_000_000)]
    [InlineData(FakeFaultKind.GzipBomb, 50_000_000)]
    public async Task Too_much_of_anything_is_an_invalid_response(FakeFaultKind kind, int bytes)
    {
        _fake.Always(FakeFault.Of(kind, bytes));

        using var answer = await SendAsync();

        Assert.Equal(FailureKind.InvalidResponse, answer.Failure!.Kind);
        Assert.True(answer.Body.IsEmpty);
    }

    [Theory]
    [InlineData(Calls.Chat, 100_000, null)]
    [InlineData("/v1/images/generations", 200_000, null)]
    [InlineData("/v1/images/generations", 200_001, FailureKind.InvalidResponse)]
    public async Task The_cap_on_answers_is_exact_and_images_have_their_own(string endpoint, int bytes, object? kind)
    {
        _fake.Always(FakeFault.Of(FakeFaultKind.Huge, bytes));

        using var answer = await SendAsync(endpoint);

        Assert.Equal(kind, answer.Failure?.Kind);
    }

    [Fact]
    public async Task A_connection_that_is_reset_was_one_call_and_is_unreachable()
    {
        using var warm = await SendAsync();
        _fake.Always(FakeFault.Of(FakeFaultKind.Reset));

        using var answer = await SendAsync();

        Assert.Equal((0, FailureKind.Unreachable), (answer.StatusCode, answer.Failure!.Kind));
        Assert.Equal(2, _fake.Calls.Count);
    }

    [Fact]
    public async Task A_port_where_nobody_listens_is_unreachable()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var provider = Provider with { BaseUrl = new Uri($"http://{socket.LocalEndPoint}/v1") };

        using var answer = await _upstreams.Find(provider).SendAsync(Calls.To(provider), Cancellation);

        Assert.Equal(FailureKind.Unreachable, answer.Failure!.Kind);
    }

    [Fact]
    public async Task A_name_that_does_not_exist_is_unreachable()
    {
        var provider = Provider with { BaseUrl = new Uri("http://nowhere.invalid/v1") };

        using var answer = await _upstreams.Find(provider).SendAsync(Calls.To(provider), Cancellation);

        Assert.Equal(FailureKind.Unreachable, answer.Failure!.Kind);
    }

    [Fact]
    public async Task A_certificate_that_nobody_trusts_is_unreachable_and_gets_no_row()
    {
        using var certificate = TestCertificates.CreateLoopback();
        await using var fake = await FakeUpstream.StartAsync(new FakeUpstreamOptions { Certificate = certificate }, Cancellation);
        var provider = Provider with { BaseUrl = fake.BaseUrl };

        using var answer = await _upstreams.Find(provider).SendAsync(Calls.To(provider), Cancellation);

        Assert.Equal(FailureKind.Unreachable, answer.Failure!.Kind);
        Assert.Empty(fake.Calls);
    }

    [Fact]
    public async Task What_does_not_speak_http_is_unreachable()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var provider = Provider with { BaseUrl = new Uri($"http://{listener.LocalEndpoint}/v1") };
        var sending = _upstreams.Find(provider).SendAsync(Calls.To(provider), Cancellation);

        using var peer = await listener.AcceptTcpClientAsync(Cancellation);
        await peer.GetStream().WriteAsync("SSH-2.0-OpenSSH_9.2\r\n\r\n"u8.ToArray(), Cancellation);
        using var answer = await sending;

        Assert.Equal(FailureKind.Unreachable, answer.Failure!.Kind);
    }

    [Theory]
    [InlineData(FakeFaultKind.Hang)]
    [InlineData(FakeFaultKind.HangInBody)]
    public async Task Silence_ends_with_the_idle_limit(FakeFaultKind kind)
    {
        _fake.Always(FakeFault.Of(kind));
        var sending = SendAsync();
        await _fake.WaitAsync(calls => calls.Count == 1, Cancellation);

        // Head and beginning of a body may each come within a step and start the limit again. Even three steps are
        // less than the total limit.
        for (var i = 0; i < 3; i++)
        {
            _time.Advance(Small.CallIdleLimit + TimeSpan.FromMilliseconds(1));
        }

        using var answer = await sending.WaitAsync(TimeSpan.FromSeconds(30), Cancellation);

        Assert.Equal(FailureKind.TimedOut, answer.Failure!.Kind);
        Assert.True(answer.Failure.IsRetryable);
        await _fake.WaitAsync(calls => calls[0].EndedAt is not null, Cancellation);
    }

    [Fact]
    public async Task A_trickle_ends_with_the_total_limit()
    {
        var options = new BatchOptions { CallLimit = TimeSpan.FromMilliseconds(300), CallIdleLimit = TimeSpan.FromMinutes(1) };
        using var upstreams = Wires.Upstreams(options);
        _fake.Always(FakeFault.Of(FakeFaultKind.Drip) with { Delay = TimeSpan.FromMilliseconds(10) });

        using var answer = await upstreams.Find(Provider).SendAsync(Calls.To(Provider), Cancellation);

        Assert.Equal(FailureKind.TimedOut, answer.Failure!.Kind);
        await _fake.WaitAsync(calls => calls[0].EndedAt is not null, Cancellation);
    }

    [Theory]
    [InlineData(FakeFaultKind.Hang)]
    [InlineData(FakeFaultKind.HangInBody)]
    public async Task A_cancelled_call_ends_on_both_sides(FakeFaultKind kind)
    {
        _fake.Always(FakeFault.Of(kind));
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var sending = _upstreams.Find(Provider).SendAsync(Calls.To(Provider), cancel.Token);
        await _fake.WaitAsync(calls => calls.Count == 1, Cancellation);

        await cancel.CancelAsync();

        var thrown = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        Assert.Equal(cancel.Token, thrown.CancellationToken);
        await _fake.WaitAsync(calls => calls[0].EndedAt is not null, Cancellation);
    }

    [Fact]
    public async Task Many_calls_at_once_never_swap_their_answers()
    {
        _fake.Rules =
        [
            new FakeRule { Fault = FakeFault.Of(FakeFaultKind.Truncate), Share = 0.1 },
            new FakeRule { Fault = FakeFault.Answer(500), Share = 0.1, Seed = 1 },
            new FakeRule { Fault = FakeFault.Of(FakeFaultKind.Reset), Share = 0.1, Seed = 2 },
        ];
        var kept = 0;

        await Parallel.ForAsync(0, 2_000, new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = Cancellation }, async (i, c) =>
        {
            var call = Calls.To(Provider, $$"""{"model":"m","seed":{{i}}}""", row: $"row{i}");
            using var answer = await _upstreams.Find(Provider).SendAsync(call, c);
            if (answer.Failure is null)
            {
                var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(call.Body.Span));
                Assert.Equal(hash, FakeAnswers.FindHash(answer.Body.Span));
                Interlocked.Increment(ref kept);
            }
        });

        Assert.Equal(2_000, _fake.Calls.Count);
        Assert.Equal(2_000, _fake.Calls.Select(x => x.Key).Distinct().Count());
        Assert.Equal(_fake.Calls.Count(x => x.Fault == FakeFaultKind.None), kept);
        Assert.InRange(kept, 1_300, 1_600);
    }

    private Task<UpstreamAnswer> SendAsync(string endpoint = Calls.Chat) =>
        _upstreams.Find(Provider).SendAsync(Calls.To(Provider, endpoint: endpoint), Cancellation);
}
