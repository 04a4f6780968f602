using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Phaseo.Orleans.Providers;
using Phaseo.Orleans.Providers.Simulator;
using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans.Tests.Providers;

public sealed class SimulatorUpstreamTests
{
    private static readonly Provider Simulator = Calls.Provider(ProviderKind.Simulator);
    private static readonly SimulatorSettings Quick = new() { Latency = TimeSpan.Zero, OutputTokens = 7 };

    public static TheoryData<string> Endpoints => [.. Calls.Endpoints];

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task Every_endpoint_is_answered_with_its_own_body_s_hash_and_says_that_it_is_a_simulator(string endpoint)
    {
        var upstream = new SimulatorUpstream(Quick, TimeProvider.System);
        var call = Calls.To(Simulator, """{"model":"m","input":["a","b"],"prompt":"x"}""", endpoint);

        using var answer = await upstream.SendAsync(call, TestContext.Current.CancellationToken);

        Assert.Null(answer.Failure);
        Assert.Equal(200, answer.StatusCode);
        Assert.StartsWith("sim_", answer.RequestId);
        using var body = JsonDocument.Parse(answer.Body);
        Assert.Equal("phaseo-simulator", body.RootElement.GetProperty("system_fingerprint").GetString());
        Assert.Contains(Convert.ToHexStringLower(SHA256.HashData(call.Body.Span)), answer.Text());
        Assert.Contains("This is a simulated answer", answer.Text());
    }

    [Theory]
    [InlineData("/v1/chat/completions", 11, 14, 0)]
    [InlineData("/v1/completions", 11, 14, 0)]
    [InlineData("/v1/responses", 11, 7, 0)]
    [InlineData("/v1/messages", 11, 7, 0)]
    [InlineData("/v1/embeddings", 11, 0, 0)]
    [InlineData("/v1/images/generations", 11, 7, 2)]
    public async Task Usage_is_read_from_the_answer(string endpoint, long input, long output, long images)
    {
        var upstream = new SimulatorUpstream(Quick, TimeProvider.System);
        var call = Calls.To(Simulator, """{"model":"m","n":2,"prompt":"0123456789012345"}""", endpoint);

        using var answer = await upstream.SendAsync(call, TestContext.Current.CancellationToken);

        var usage = Assert.NotNull(answer.Usage);
        Assert.Equal((input, output, images, 1), (usage.InputTokens, usage.OutputTokens, usage.Images, usage.Requests));
    }

    [Fact]
    public async Task Moderations_have_a_result_for_each_input_and_no_usage()
    {
        var upstream = new SimulatorUpstream(Quick, TimeProvider.System);
        var call = Calls.To(Simulator, """{"input":["a",{"type":"text","text":"b"},"c"]}""", "/v1/moderations");

        using var answer = await upstream.SendAsync(call, TestContext.Current.CancellationToken);

        using var body = JsonDocument.Parse(answer.Body);
        Assert.Equal(3, body.RootElement.GetProperty("results").GetArrayLength());
        Assert.Null(answer.Usage);
    }

    [Theory]
    [InlineData("""{"input":"one","dimensions":8}""", 1, 8)]
    [InlineData("""{"input":["one","two"]}""", 2, 16)]
    [InlineData("""{"input":[1,2,3]}""", 1, 16)]
    [InlineData("""{"input":[[1,2],[3]],"dimensions":300}""", 2, 300)]
    public async Task Embeddings_are_unit_vectors_one_for_each_input(string request, int inputs, int dimensions)
    {
        var upstream = new SimulatorUpstream(Quick, TimeProvider.System);

        using var answer = await upstream.SendAsync(
            Calls.To(Simulator, request, "/v1/embeddings"), TestContext.Current.CancellationToken);

        using var body = JsonDocument.Parse(answer.Body);
        var data = body.RootElement.GetProperty("data").EnumerateArray().ToArray();
        Assert.Equal(inputs, data.Length);
        Assert.All(data, one =>
        {
            var vector = one.GetProperty("embedding").EnumerateArray().Select(x => x.GetDouble()).ToArray();
            Assert.Equal(dimensions, vector.Length);
            Assert.Equal(1.0, vector.Sum(x => x * x), 3);
        });
    }

    [Fact]
    public async Task Embeddings_come_as_base64_when_asked()
    {
        var upstream = new SimulatorUpstream(Quick, TimeProvider.System);
        const string Request = """{"input":"one","dimensions":4,"encoding_format":"base64"}""";

        using var answer = await upstream.SendAsync(
            Calls.To(Simulator, Request, "/v1/embeddings"), TestContext.Current.CancellationToken);

        using var body = JsonDocument.Parse(answer.Body);
        Assert.Equal(16, body.RootElement.GetProperty("data")[0].GetProperty("embedding").GetBytesFromBase64().Length);
    }

    [Fact]
    public async Task The_same_call_fares_the_same_and_the_next_attempt_may_fare_better()
    {
        var upstream = new SimulatorUpstream(Quick with { ErrorRate = 0.3, ThrottleRate = 0.3 }, TimeProvider.System);

        var first = await StatusesAsync(upstream, attempt: 1);
        var again = await StatusesAsync(upstream, attempt: 1);
        var second = await StatusesAsync(upstream, attempt: 2);

        Assert.Equal(first, again);
        Assert.NotEqual(first, second);
        Assert.InRange(first.Count(x => x == 429), 200, 400);
        Assert.InRange(first.Count(x => x == 500), 200, 400);
        Assert.InRange(first.Count(x => x == 200), 300, 500);
    }

    [Theory]
    [InlineData(0.0, 1.0, 429, FailureKind.RateLimited)]
    [InlineData(1.0, 0.0, 500, FailureKind.Overloaded)]
    public async Task Simulated_failures_look_like_a_provider_s(double errors, double throttles, int status, FailureKind kind)
    {
        var upstream = new SimulatorUpstream(Quick with { ErrorRate = errors, ThrottleRate = throttles }, TimeProvider.System);

        using var answer = await upstream.SendAsync(Calls.To(Simulator), TestContext.Current.CancellationToken);

        Assert.Equal((status, kind), (answer.StatusCode, answer.Failure!.Kind));
        using var body = JsonDocument.Parse(answer.Body);
        Assert.Equal("phaseo_simulator", body.RootElement.GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task An_answer_takes_between_half_and_one_and_a_half_of_the_mean_latency()
    {
        var time = new FakeTimeProvider();
        var upstream = new SimulatorUpstream(Quick with { Latency = TimeSpan.FromSeconds(10) }, time);
        var calls = Enumerable.Range(0, 50)
            .Select(i => upstream.SendAsync(Calls.To(Simulator, row: $"row{i}"), TestContext.Current.CancellationToken))
            .ToArray();

        time.Advance(TimeSpan.FromSeconds(5) - TimeSpan.FromMilliseconds(1));
        var early = calls.Count(x => x.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(5));
        await await Task.WhenAny(calls);
        var late = calls.Count(x => !x.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(5) + TimeSpan.FromMilliseconds(1));
        await Task.WhenAll(calls);

        Assert.Equal(0, early);
        Assert.InRange(late, 1, 49);
    }

    [Fact]
    public async Task A_cancelled_call_ends_at_once()
    {
        var upstream = new SimulatorUpstream(Quick with { Latency = TimeSpan.FromHours(1) }, TimeProvider.System);
        using var cancel = new CancellationTokenSource();

        var call = upstream.SendAsync(Calls.To(Simulator), cancel.Token);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    private static async Task<int[]> StatusesAsync(SimulatorUpstream upstream, int attempt)
    {
        var statuses = new int[1000];
        for (var i = 0; i < statuses.Length; i++)
        {
            using var answer = await upstream.SendAsync(
                Calls.To(Simulator, $$"""{"seed":{{i}}}""", row: $"row{i}", attempt: attempt), TestContext.Current.CancellationToken);
            statuses[i] = answer.StatusCode;
        }

        return statuses;
    }
}
