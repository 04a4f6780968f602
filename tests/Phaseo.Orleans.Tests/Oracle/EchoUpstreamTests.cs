using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.Tests.Oracle;

public sealed class EchoUpstreamTests
{
    private const string Body = """{"model":"m","messages":[]}""";

    [Theory]
    [InlineData("/v1/chat/completions")]
    [InlineData("/v1/embeddings")]
    public async Task Answer_names_the_body_and_the_call(string path)
    {
        var log = new CallLog();
        await using var upstream = await StartAsync(new EchoUpstreamOptions { Log = log });

        using var response = await SendAsync(upstream, path, attempt: 3);

        var answer = JsonDocument.Parse(await ReadAsync(response)).RootElement;
        var hash = BodyHashes.Raw(Encoding.UTF8.GetBytes(Body));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(BodyHashes.ToText(hash), answer.GetProperty("echo").GetString());
        Assert.Equal("0000000001", answer.GetProperty("call").GetString());
        Assert.InRange(answer.GetProperty("usage").GetProperty("prompt_tokens").GetInt32(), 1000, 4999);
        Assert.Equal([new LoggedCall(1, "batch_req_1", 3, hash, EchoFault.None)], log.Calls);
    }

    [Fact]
    public async Task Refused_row_is_refused_at_every_attempt()
    {
        await using var upstream = await StartAsync(new EchoUpstreamOptions { Faults = new EchoFaults { Refused = 1 } });

        using var first = await SendAsync(upstream, "/v1/embeddings", attempt: 1);
        using var ninth = await SendAsync(upstream, "/v1/embeddings", attempt: 9);

        Assert.Equal(HttpStatusCode.BadRequest, first.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, ninth.StatusCode);
    }

    [Fact]
    public void Faults_of_every_kind_occur_and_end()
    {
        var faults = new EchoFaults { Failing = 0.5, Seed = 7 };

        var early = Enumerable.Range(0, 1000).Select(body => faults.Pick((ulong)body, 1)).ToList();
        var late = Enumerable.Range(0, 1000).Select(body => faults.Pick((ulong)body, faults.LastFailingAttempt + 1));

        Assert.InRange(early.Count(fault => fault == EchoFault.None), 400, 600);
        Assert.Equal(6, early.Distinct().Count());
        Assert.All(late, fault => Assert.Equal(EchoFault.None, fault));
    }

    [Theory]
    [InlineData(EchoFault.Reset)]
    [InlineData(EchoFault.Truncate)]
    public async Task Broken_connection_is_seen_by_the_client(EchoFault fault)
    {
        var faults = new EchoFaults { Failing = 1, Only = fault };
        await using var upstream = await StartAsync(new EchoUpstreamOptions { Faults = faults });

        var call = async () =>
        {
            using var response = await SendAsync(upstream, "/v1/embeddings", attempt: 1);
            await ReadAsync(response);
        };

        await Assert.ThrowsAnyAsync<HttpRequestException>(call);
    }

    [Fact]
    public async Task Saved_log_reads_back()
    {
        var path = Path.GetTempFileName();
        var log = new CallLog();
        log.Add("batch_req_1", 2, 0xabc, EchoFault.Throttle);
        log.Add("", 0, 1, EchoFault.None);

        await log.SaveAsync(path, TestContext.Current.CancellationToken);
        var read = await CallLog.LoadAsync(path, TestContext.Current.CancellationToken);
        File.Delete(path);

        Assert.Equal(log.Calls, read);
    }

    [Fact]
    public void Log_knows_when_a_call_came_and_when_it_ended()
    {
        var time = new FakeTimeProvider();
        var log = new CallLog(time);
        time.Advance(TimeSpan.FromSeconds(1));
        var serial = log.Add("batch_req_1", 1, 1, EchoFault.None);
        log.Add("batch_req_2", 1, 2, EchoFault.None);
        time.Advance(TimeSpan.FromSeconds(2));
        log.End(serial);
        time.Advance(TimeSpan.FromSeconds(1));
        log.End(serial);

        Assert.Equal(
            [(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3)), (TimeSpan.FromSeconds(1), null)],
            log.Timed.Select(call => (call.Arrived, call.Ended)));
    }

    [Fact]
    public async Task Answered_call_has_ended()
    {
        var log = new CallLog();
        await using var upstream = await StartAsync(new EchoUpstreamOptions { Log = log });

        using var response = await SendAsync(upstream, "/v1/embeddings", attempt: 1);

        var call = Assert.Single(log.Timed);
        Assert.True(call.Ended >= call.Arrived);
    }

    private static Task<EchoUpstream> StartAsync(EchoUpstreamOptions options) =>
        EchoUpstream.StartAsync(options, TestContext.Current.CancellationToken);

    private static async Task<HttpResponseMessage> SendAsync(EchoUpstream upstream, string path, int attempt)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(upstream.Address, path));
        request.Headers.Add("Idempotency-Key", "batch_req_1");
        request.Headers.Add("x-phaseo-attempt", attempt.ToString(System.Globalization.CultureInfo.InvariantCulture));
        request.Content = new StringContent(Body, Encoding.UTF8, "application/json");
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static Task<string> ReadAsync(HttpResponseMessage response) =>
        response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
}
