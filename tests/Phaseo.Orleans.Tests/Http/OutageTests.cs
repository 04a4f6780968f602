using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Http;

public sealed class OutageTests(OutageTests.Silo silo) : IClassFixture<OutageTests.Silo>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_storage_every_route_says_503_and_when_to_come_back_and_goes_on_afterwards()
    {
        var file = await silo.Client.UploadAsync("{}");
        silo.Records.IsDown = true;

        foreach (var path in new[] { "/v1/files", $"/v1/files/{file}", $"/v1/files/{file}/content" })
        {
            using var response = await silo.Client.GetAsync(path, Cancellation);
            await AssertUnavailableAsync(response);
        }

        using var upload = await silo.Client.PostFormAsync("/v1/files", new Form().Part("file").Part("purpose"));
        await AssertUnavailableAsync(upload);
        using var create = await silo.Client.PostJsonAsync(
            "/v1/batches", $"{{\"input_file_id\":\"{file}\",\"endpoint\":\"/v1/embeddings\"}}");
        await AssertUnavailableAsync(create);
        using var ready = await silo.Client.GetAsync("/healthz/ready", Cancellation);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal("application/problem+json", ready.Content.Headers.ContentType!.MediaType);
        using var live = await silo.Client.GetAsync("/healthz/live", Cancellation);
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);

        silo.Records.IsDown = false;
        using var again = await silo.Client.GetAsync($"/v1/files/{file}", Cancellation);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    private static async Task AssertUnavailableAsync(HttpResponseMessage response)
    {
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.True(response.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        using var json = await response.JsonAsync();
        Assert.Equal("server_error", json.Error("type"));
        Assert.Equal("storage_unavailable", json.Error("code"));
    }

    public sealed class Silo : SiloFixture
    {
        public Unavailable<IFileRecords> Records { get; private set; } = null!;

        protected override void Customise(WebApplicationBuilder builder)
        {
            base.Customise(builder);
            var real = builder.Services.Last(service => service.ServiceType == typeof(IFileRecords));
            builder.Services.AddSingleton(services =>
            {
                var (store, outage) = Unavailable.Before(
                    (IFileRecords)ActivatorUtilities.CreateInstance(services, real.ImplementationType!));
                Records = outage;
                return store;
            });
        }
    }
}
