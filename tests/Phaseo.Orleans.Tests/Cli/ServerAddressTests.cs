using Phaseo.Orleans.Cli;
using Phaseo.Orleans.Cli.Serving;

namespace Phaseo.Orleans.Tests.Cli;

public sealed class ServerAddressTests
{
    [Theory]
    [InlineData("http://localhost:8080", "http://localhost:8080/")]
    [InlineData("http://localhost:8080/", "http://localhost:8080/")]
    [InlineData("http://localhost:8080/v1", "http://localhost:8080/")]
    [InlineData("https://llm.example.com/batch/v1/?x=1#y", "https://llm.example.com/batch/")]
    public void An_address_is_taken_as_SDKs_write_it_too(string written, string meant) =>
        Assert.Equal(meant, ServerAddress.Parse(written, null).Url.ToString());

    [Theory]
    [InlineData("localhost:8080")]
    [InlineData("/v1")]
    [InlineData("ftp://localhost")]
    public void What_is_no_http_address_is_refused_by_name(string written)
    {
        var refusal = Assert.Throws<CliException>(() => ServerAddress.Parse(written, null));

        Assert.Contains(written, refusal.Message, StringComparison.Ordinal);
    }
}
