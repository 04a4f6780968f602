using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Phaseo.Orleans.Cli.Doctor;
using Phaseo.Orleans.Embedded;

namespace Phaseo.Orleans.Tests.Cli;

public sealed class DoctorTests : IDisposable
{
    private readonly CliHarness _cli = new();

    [Fact]
    public async Task A_healthy_machine_passes_without_a_network()
    {
        var result = await _cli.RunAsync("doctor", "--urls", "http://127.0.0.1:0");

        Assert.Equal((0, ""), (result.Code, result.Error));
        Assert.Matches("(?m)^ok +data +.* can be written$", result.Out);
        Assert.Matches("(?m)^ok +catalog +", result.Out);
        Assert.Matches("(?m)^warn +key +openai takes no part: OPENAI_API_KEY is not set$", result.Out);
        Assert.False(Directory.Exists(_cli.At("state")));
    }

    [Fact]
    public async Task A_key_that_is_set_is_no_longer_missed()
    {
        _cli.Environment["OPENAI_API_KEY"] = "sk-test";

        var result = await _cli.RunAsync("doctor", "--urls", "http://127.0.0.1:0");

        Assert.DoesNotContain("OPENAI_API_KEY", result.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("sk-test", result.Out, StringComparison.Ordinal);
        Assert.Matches("(?m)^ok +models +", result.Out);
    }

    [Fact]
    public async Task A_bad_catalog_fails_with_every_error()
    {
        var catalog = _cli.Write("catalog.json", """{"providers":[{"id":"a b","kind":"x"}],"offers":[]}""");

        var result = await _cli.RunAsync("doctor", "--urls", "http://127.0.0.1:0", "--catalog", catalog, "--json");

        var failed = JsonNode.Parse(result.Out)!.AsArray().Where(finding => (string?)finding!["level"] == "fail").ToArray();
        Assert.Equal(1, result.Code);
        Assert.Equal(2, failed.Length);
        Assert.All(failed, finding => Assert.Equal("catalog", (string?)finding!["check"]));
    }

    [Fact]
    public async Task A_port_that_is_taken_fails()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();

        var result = await _cli.RunAsync("doctor", "--urls", $"http://{listener.LocalEndpoint}");

        Assert.Equal(1, result.Code);
        Assert.Matches("(?m)^FAIL +port +", result.Out);
    }

    [Fact]
    public void A_folder_that_another_process_works_on_is_said_to_be_in_use()
    {
        var path = _cli.At("data");
        using (new DataFolder(path))
        {
            Assert.Contains(DataFolderCheck.Run(path), finding => finding is { Check: "data", Level: FindingLevel.Warn });
        }

        Assert.Contains(DataFolderCheck.Run(path), finding => finding is { Check: "data", Level: FindingLevel.Ok });
    }

    [Fact]
    public void A_folder_below_a_file_cannot_be_written()
    {
        var file = _cli.Write("file", "");

        Assert.Contains(DataFolderCheck.Run(Path.Combine(file, "data")), finding => finding is { Check: "data", Level: FindingLevel.Fail });
    }

    [Fact]
    public void A_clock_before_the_build_is_wrong()
    {
        var built = new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

        Assert.Equal(FindingLevel.Fail, ClockCheck.Run(built.AddDays(-1), built).Level);
        Assert.Equal(FindingLevel.Ok, ClockCheck.Run(built.AddDays(1), built).Level);
    }

    [Theory]
    [InlineData(-3, FindingLevel.Ok)]
    [InlineData(3, FindingLevel.Ok)]
    [InlineData(4, FindingLevel.Warn)]
    internal void A_server_whose_clock_differs_is_told(int seconds, FindingLevel level) =>
        Assert.Equal(level, ClockCheck.Compare(TimeSpan.FromSeconds(seconds)).Level);

    [Fact]
    public async Task A_server_that_does_not_take_the_key_fails()
    {
        await using var server = await StubServer.StartAsync();

        var result = await _cli.RunAsync("doctor", "--urls", "http://127.0.0.1:0", "--server", server.Url, "--key", "wrong");

        Assert.Equal(1, result.Code);
        Assert.Matches("(?m)^FAIL +server +.* does not take the key", result.Out);
        Assert.DoesNotContain("wrong", result.Out, StringComparison.Ordinal);
    }

    public void Dispose() => _cli.Dispose();
}
