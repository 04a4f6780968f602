using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Http;

public sealed class TelemetryTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Spans_and_metrics_go_where_the_standard_variables_say_and_carry_nothing_secret()
    {
        await using var collector = new Collector();
        await collector.StartAsync();
        await using (var silo = new Silo(collector.Url))
        {
            await silo.InitializeAsync();
            await silo.Client.UploadAsync("{\"prompt\":\"my-secret-prompt\"}", "my-secret-name.jsonl");
            using var response = await silo.Client.GetAsync("/v1/files", Cancellation);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        var spans = collector.Received("/v1/traces");
        Assert.Contains("v1/files", spans, StringComparison.Ordinal);
        Assert.Contains("phaseo", spans, StringComparison.Ordinal);
        var all = spans + collector.Received("/v1/metrics");
        Assert.DoesNotContain(SiloFixture.Key, all, StringComparison.Ordinal);
        Assert.DoesNotContain("my-secret", all, StringComparison.Ordinal);
    }

    private sealed class Silo(string collector) : SiloFixture
    {
        protected override string[] Arguments =>
            [$"--OTEL_EXPORTER_OTLP_ENDPOINT={collector}", "--OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"];
    }

    private sealed class Collector : IAsyncDisposable
    {
        private readonly ConcurrentQueue<(string Path, byte[] Body)> _received = new();
        private readonly WebApplication _app;

        public Collector()
        {
            var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0"]);
            builder.Logging.ClearProviders();
            _app = builder.Build();
            _app.MapPost("{*path}", async (HttpRequest request) =>
            {
                using var body = new MemoryStream();
                await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
                _received.Enqueue((request.Path, body.ToArray()));
            });
        }

        public string Url => _app.Urls.Single();

        public Task StartAsync() => _app.StartAsync(Cancellation);

        public string Received(string path) =>
            string.Concat(_received.Where(request => request.Path == path).Select(request => Encoding.UTF8.GetString(request.Body)));

        public ValueTask DisposeAsync() => _app.DisposeAsync();
    }
}
