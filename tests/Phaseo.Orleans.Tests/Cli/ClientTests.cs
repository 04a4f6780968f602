using System.Net;
using Microsoft.AspNetCore.Http;
using Phaseo.Orleans.Cli.Client;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Cli;

public sealed class ClientTests : IAsyncLifetime
{
    private readonly ImpatientTime _time = new();
    private StubServer _server = null!;
    private PhaseoClient _client = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await StubServer.StartAsync();
        _client = new PhaseoClient(new Uri(_server.Url + "/"), StubServer.Key, _time);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task A_busy_server_is_asked_again_after_the_time_it_names(int status)
    {
        var refusals = 2;
        _server.WillBe(StubServer.State("completed", 1, 1, 0)).Intercept = async context =>
        {
            if (refusals-- <= 0)
            {
                return false;
            }

            context.Response.Headers.RetryAfter = "17";
            await StubServer.ErrorAsync(context, status, "Later.", "server_error", "later");
            return true;
        };

        var batch = await _client.GetBatchAsync(StubServer.BatchId, Cancellation);

        Assert.Equal("completed", batch.Status);
        Assert.Equal([TimeSpan.FromSeconds(17), TimeSpan.FromSeconds(17)], _time.Waits);
    }

    [Fact]
    public async Task A_server_that_says_do_not_retry_is_believed()
    {
        _server.Intercept = async context =>
        {
            context.Response.Headers["x-should-retry"] = "false";
            await StubServer.ErrorAsync(context, 503, "Switched off.", "server_error", "off");
            return true;
        };

        var failure = await Assert.ThrowsAsync<PhaseoApiException>(() => _client.GetBatchAsync("batch_x", Cancellation));

        Assert.Equal("Switched off. (off, req_1)", failure.Message);
        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task A_refusal_is_not_repeated_and_names_its_request()
    {
        _server.Intercept = async context =>
        {
            await StubServer.ErrorAsync(context, 404, "No such batch.", "invalid_request_error", "not_found");
            return true;
        };

        var failure = await Assert.ThrowsAsync<PhaseoApiException>(() => _client.GetBatchAsync("batch_x", Cancellation));

        Assert.Equal(HttpStatusCode.NotFound, failure.Status);
        Assert.Equal("No such batch. (not_found, req_1)", failure.Message);
        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task An_upload_that_breaks_is_sent_again_whole_under_the_same_key()
    {
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "in.jsonl");
        var content = string.Concat(Enumerable.Range(0, 50_000).Select(row => $"{{\"custom_id\":\"{row}\"}}\n"));
        await File.WriteAllTextAsync(path, content, Cancellation);
        var keys = new List<string>();
        _server.Intercept = async context =>
        {
            keys.Add(context.Request.Headers["Idempotency-Key"].ToString());
            if (keys.Count > 1)
            {
                return false;
            }

            await context.Request.Body.ReadExactlyAsync(new byte[100_000], context.RequestAborted);
            context.Abort();
            return true;
        };

        var id = await _client.UploadAsync(path, "key-1", null, Cancellation);

        Assert.Equal("file-in", id);
        Assert.Equal(["key-1", "key-1"], keys);
        Assert.Equal(content, Assert.Single(_server.Uploads));
    }

    [Fact]
    public async Task A_download_that_breaks_goes_on_where_it_stopped()
    {
        var content = new string('x', 300_000) + new string('y', 300_000);
        var ranges = new List<string>();
        _server.Holds("file-out", content).Intercept = async context =>
        {
            ranges.Add(context.Request.Headers.Range.ToString());
            if (ranges.Count > 1)
            {
                return false;
            }

            context.Response.ContentLength = content.Length;
            await context.Response.WriteAsync(content[..250_000]);
            await context.Response.Body.FlushAsync();
            context.Abort();
            return true;
        };
        using var target = new MemoryStream();

        await _client.DownloadAsync("file-out", target, null, Cancellation);

        Assert.Equal(content, System.Text.Encoding.UTF8.GetString(target.ToArray()));
        Assert.Equal("", ranges[0]);
        Assert.Matches("^bytes=[0-9]+-$", ranges[1]);
    }

    [Fact]
    public async Task An_address_where_nobody_listens_is_given_up_after_three_tries()
    {
        var url = _server.Url;
        await _server.DisposeAsync();

        var failure = await Assert.ThrowsAsync<PhaseoApiException>(() => _client.GetBatchAsync("batch_x", Cancellation));

        Assert.StartsWith(url + "/ cannot be reached: ", failure.Message, StringComparison.Ordinal);
        Assert.Equal(2, _time.Waits.Count);
    }
}
