using System.IO.Pipelines;
using System.Text;
using System.Text.Json;

namespace Phaseo.Orleans.Tests.Fixtures;

public sealed class FakeUpstreamTests : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"fake-upstream-{Guid.NewGuid():n}.jsonl");
    private readonly HttpClient _client = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _client.Dispose();
        File.Delete(_file);
    }

    [Fact]
    public async Task The_log_file_tells_of_a_call_before_its_answer_and_again_when_it_has_ended()
    {
        await using var fake = await FakeUpstream.StartAsync(new FakeUpstreamOptions { LogFile = _file }, Cancellation);

        using var answer = await PostAsync(fake.BaseUrl, """{"user":"row-7"}""", attempt: 2);
        var early = await ReadLogAsync();
        await fake.WaitAsync(calls => calls[0].EndedAt is not null, Cancellation);
        var late = await ReadLogAsync();

        Assert.Equal(("row-7", 2, "key"), (early[0].Marker, early[0].Attempt, early[0].Key));
        Assert.Equal(fake.Calls[0].BodyHash, early[0].BodyHash);
        Assert.Null(early[0].EndedAt);
        Assert.Equal(2, late.Length);
        Assert.NotNull(late[1].EndedAt);
    }

    [Fact]
    public async Task As_a_program_it_takes_rules_by_line_and_ends_with_its_input()
    {
        var input = new Pipe();
        var output = new Pipe();
        using var reader = new StreamReader(output.Reader.AsStream());
        await using var writer = new StreamWriter(input.Writer.AsStream(), new UTF8Encoding(false)) { AutoFlush = true };
        using var programInput = new StreamReader(input.Reader.AsStream());
        await using var programOutput = new StreamWriter(output.Writer.AsStream());
        var program = FakeUpstreamProgram.RunAsync(new FakeUpstreamOptions(), programInput, programOutput, Cancellation);
        var url = new Uri((await reader.ReadLineAsync(Cancellation))!);

        using var before = await PostAsync(url, "{}");
        FakeRule[] rules = [new FakeRule { Fault = FakeFault.Answer(503), LastAttempt = 1, Marker = "bad" }];
        await writer.WriteLineAsync(JsonSerializer.Serialize(rules));
        Assert.Equal("ok", await reader.ReadLineAsync(Cancellation));
        using var other = await PostAsync(url, "{}");
        using var bad = await PostAsync(url, """{"user":"bad"}""");
        using var again = await PostAsync(url, """{"user":"bad"}""", attempt: 2);
        await writer.DisposeAsync();
        await program;

        Assert.Equal([200, 200, 503, 200], new[] { before, other, bad, again }.Select(x => (int)x.StatusCode));
    }

    [Fact]
    public async Task A_rule_may_hold_for_the_first_calls_only()
    {
        await using var fake = await FakeUpstream.StartAsync(cancellation: Cancellation);
        fake.Rules = [new FakeRule { Fault = FakeFault.Answer(500), Times = 2, When = x => x.Path.EndsWith("completions", StringComparison.Ordinal) }];

        var statuses = new List<int>();
        for (var i = 0; i < 4; i++)
        {
            using var answer = await PostAsync(fake.BaseUrl, "{}");
            statuses.Add((int)answer.StatusCode);
        }

        Assert.Equal([500, 500, 200, 200], statuses);
    }

    private async Task<HttpResponseMessage> PostAsync(Uri baseUrl, string body, int attempt = 1)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, baseUrl + "/chat/completions");
        request.Content = new StringContent(body);
        request.Headers.Add("Idempotency-Key", "key");
        request.Headers.Add("x-phaseo-attempt", attempt.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return await _client.SendAsync(request, Cancellation);
    }

    private async Task<FakeCall[]> ReadLogAsync()
    {
        await using var file = new FileStream(_file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        var calls = new List<FakeCall>();
        while (await reader.ReadLineAsync(Cancellation) is { } line)
        {
            calls.Add(JsonSerializer.Deserialize<FakeCall>(line)!);
        }

        return [.. calls];
    }
}
