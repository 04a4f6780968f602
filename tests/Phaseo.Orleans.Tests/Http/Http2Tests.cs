using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Http;

public sealed class Http2Tests(Http2Tests.Silo silo) : IClassFixture<Http2Tests.Silo>
{
    [Fact]
    public async Task Over_tls_a_client_may_speak_http2()
    {
        using var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
            },
        };
        using var client = new HttpClient(handler) { BaseAddress = silo.Address };
        using var content = new ByteArrayContent(new Form().Part("purpose").File("a", new string('x', 300_000)).ToBytes());
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(Form.ContentType);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/files")
        {
            Content = content,
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", SiloFixture.Key) },
        };

        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpVersion.Version20, response.Version);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using var file = await response.JsonAsync();
        Assert.Equal(300_000, file.Number("bytes"));
    }

    public sealed class Silo : SiloFixture
    {
        protected override string Url => "https://127.0.0.1:0";

        protected override void Customise(WebApplicationBuilder builder)
        {
            base.Customise(builder);
            builder.WebHost.ConfigureKestrel(server => server.ConfigureHttpsDefaults(
                tls => tls.ServerCertificate = TestCertificates.CreateLoopback()));
        }
    }
}
