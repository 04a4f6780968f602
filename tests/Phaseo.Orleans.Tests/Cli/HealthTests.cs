using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Cli;

public sealed class HealthTests(SiloFixture silo) : IClassFixture<SiloFixture>, IDisposable
{
    private readonly CliHarness _cli = new();

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData("ready")]
    [InlineData("live")]
    [InlineData("startup")]
    public async Task A_server_that_is_well_gives_exit_code_0(string check)
    {
        var asked = await _cli.RunAsync("health", "--check", check, "--server", silo.Address.ToString());

        Assert.Equal((0, "ok\n", ""), (asked.Code, asked.Out, asked.Error));
    }

    [Fact]
    public async Task A_server_that_says_no_gives_exit_code_1_and_what_it_said()
    {
        await using var server = await StubServer.StartAsync();
        server.Intercept = http =>
        {
            http.Response.StatusCode = 503;
            return Task.FromResult(true);
        };

        var asked = await _cli.RunAsync("health", "--server", server.Url);

        Assert.Equal((1, ""), (asked.Code, asked.Out));
        Assert.Contains("not ready", asked.Error, StringComparison.Ordinal);
        Assert.Contains("503", asked.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_gives_exit_code_1()
    {
        var asked = await _cli.RunAsync("health", "--check", "live", "--server", "http://127.0.0.1:1");

        Assert.Equal(1, asked.Code);
        Assert.Contains("does not answer", asked.Error, StringComparison.Ordinal);
    }
}
