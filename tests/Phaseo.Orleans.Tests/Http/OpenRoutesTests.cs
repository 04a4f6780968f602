using System.Net;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Http;

public sealed class OpenRoutesTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/healthz/live")]
    [InlineData("/healthz/ready")]
    [InlineData("/healthz/startup")]
    public async Task Health_is_open_and_says_ok(string path)
    {
        using var client = silo.NewClient();

        using var response = await client.GetAsync(path, Cancellation);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("ok", await response.TextAsync());
    }

    [Fact]
    public async Task Metrics_are_given_to_this_machine_but_not_through_a_proxy()
    {
        using var client = silo.NewClient();
        await silo.Client.UploadAsync("{}");

        var metrics = await client.GetStringAsync("/metrics", Cancellation);
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.7");
        using var proxied = await client.GetAsync("/metrics", Cancellation);

        Assert.Contains("http_server_request_duration_seconds", metrics, StringComparison.Ordinal);
        Assert.Contains("orleans_", metrics, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, proxied.StatusCode);
    }

    [Fact]
    public async Task The_description_names_every_route_and_no_other()
    {
        using var client = silo.NewClient();

        using var document = await client.GetAsync("/openapi/v1.json", Cancellation).JsonAsync();

        var routes = document.RootElement.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(route => $"{route.Name.ToUpperInvariant()} {path.Name}"))
            .Order(StringComparer.Ordinal);
        Assert.Equal(
            [
                "DELETE /v1/files/{id}", "GET /v1/batches", "GET /v1/batches/{id}", "GET /v1/batches/{id}/results", "GET /v1/files",
                "GET /v1/files/{id}", "GET /v1/files/{id}/content", "POST /v1/batches", "POST /v1/batches/{id}/cancel", "POST /v1/files",
            ],
            routes);
    }

    [Fact]
    public async Task The_description_shows_fields_as_they_are_sent()
    {
        using var client = silo.NewClient();

        using var document = await client.GetAsync("/openapi/v1.json", Cancellation).JsonAsync();

        var schemas = document.RootElement.GetProperty("components").GetProperty("schemas");
        Assert.True(schemas.GetProperty("Batch").GetProperty("properties").TryGetProperty("request_counts", out _));
        Assert.True(schemas.GetProperty("CreateBatch").GetProperty("properties").TryGetProperty("input_file_id", out _));
        var upload = document.RootElement.GetProperty("paths").GetProperty("/v1/files").GetProperty("post");
        Assert.True(upload.GetProperty("requestBody").GetProperty("content").TryGetProperty("multipart/form-data", out _));
        var parameters = document.RootElement.GetProperty("paths").GetProperty("/v1/batches").GetProperty("get").GetProperty("parameters");
        Assert.Contains(parameters.EnumerateArray(), parameter => parameter.GetProperty("name").ValueEquals("session_id"));
    }

    [Fact]
    public async Task The_page_loads_nothing_from_elsewhere()
    {
        using var client = silo.NewClient();

        var page = await client.GetStringAsync("/docs/", Cancellation);

        Assert.Contains("scalar", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("fonts.", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("src=\"http", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("href=\"http", page, StringComparison.OrdinalIgnoreCase);
    }
}

public sealed class OperatorKeyTests(OperatorKeyTests.Silo silo) : IClassFixture<OperatorKeyTests.Silo>
{
    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    [InlineData("Bearer " + SiloFixture.Key, HttpStatusCode.Unauthorized)]
    [InlineData("Bearer operator", HttpStatusCode.OK)]
    public async Task With_an_operator_key_nobody_sees_metrics_without_it(string? header, HttpStatusCode expected)
    {
        using var client = silo.NewClient();
        if (header is not null)
        {
            client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", header);
        }

        using var response = await client.GetAsync("/metrics", TestContext.Current.CancellationToken);

        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task The_operator_key_opens_no_workspace()
    {
        using var client = silo.NewClient();
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer operator");

        using var response = await client.GetAsync("/v1/files", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    public sealed class Silo : SiloFixture
    {
        protected override string[] Arguments => ["--Phaseo:OperatorKey=operator"];
    }
}
