using System.Net;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Http;

public sealed class SwitchedOffTests(SwitchedOffTests.Silo silo) : IClassFixture<SwitchedOffTests.Silo>
{
    [Theory]
    [InlineData("GET", "/v1/batches", "batches")]
    [InlineData("POST", "/v1/batches", "batches")]
    [InlineData("GET", "/v1/batches/batch_01hzy0000000000000000000aa", "batches")]
    [InlineData("POST", "/v1/batches/batch_01hzy0000000000000000000aa/cancel", "batches")]
    [InlineData("GET", "/v1/files", "files")]
    [InlineData("POST", "/v1/files", "files")]
    [InlineData("DELETE", "/v1/files/file-01hzy0000000000000000000aa", "files")]
    public async Task A_route_that_is_switched_off_says_so_and_which_feature_it_is(string method, string path, string feature)
    {
        using var request = new HttpRequestMessage(HttpMethod.Parse(method), path);
        using var response = await silo.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotImplemented, response.StatusCode);
        Assert.Equal("false", response.Headers.GetValues("x-should-retry").Single());
        Assert.Equal("no-store", response.Headers.CacheControl!.ToString());
        Assert.Equal(
            """{"error":{"message":"batches endpoints are temporarily disabled.","type":"server_error","param":null,"code":"not_implemented"},"reason":"feature_temporarily_disabled","feature":"FEATURE"}"""
                .Replace("FEATURE", feature, StringComparison.Ordinal),
            await response.TextAsync());
    }

    [Fact]
    public async Task Who_has_no_key_learns_nothing_of_it()
    {
        using var client = silo.NewClient();

        using var response = await client.GetAsync("/v1/batches", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    public sealed class Silo : SiloFixture
    {
        protected override string[] Arguments => ["--Batches:Enabled=false"];
    }
}
