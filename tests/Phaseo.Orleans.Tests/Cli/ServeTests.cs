using System.Text.Json.Nodes;

namespace Phaseo.Orleans.Tests.Cli;

public sealed class ServeTests : IDisposable
{
    private readonly CliHarness _cli = new();

    [Fact]
    public async Task A_server_says_where_it_is_and_the_key_that_it_made_and_that_key_opens_it()
    {
        var ready = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var serving = _cli.RunAsync(ready, "serve", "--urls", "http://127.0.0.1:0", "--data", _cli.At("data"), "--log-level", "None", "--json");
        var said = JsonNode.Parse(await ready.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken))!;
        using var client = _cli.NextProcess();
        client.Environment["PHASEO_SERVER"] = (string)said["urls"]![0]!;

        var inside = await client.RunAsync("list", "--key", (string)said["key"]!);
        var outside = await client.RunAsync("list", "--key", "another");
        _cli.Interrupt();
        var ended = await serving;

        Assert.Equal((0, "No batches.\n"), (inside.Code, inside.Error));
        Assert.Equal(1, outside.Code);
        Assert.Equal((0, ""), (ended.Code, ended.Error));
    }

    [Fact]
    public async Task A_key_that_was_given_is_not_printed()
    {
        _cli.Environment["PHASEO_KEY"] = "key-of-the-test";
        var ready = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var serving = _cli.RunAsync(ready, "serve", "--urls", "http://127.0.0.1:0", "--data", _cli.At("data"), "--log-level", "None");
        await ready.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        _cli.Interrupt();

        var ended = await serving;

        Assert.DoesNotContain("key-of-the-test", ended.Out, StringComparison.Ordinal);
        Assert.Contains("Listening on http://127.0.0.1:", ended.Out, StringComparison.Ordinal);
    }

    public void Dispose() => _cli.Dispose();
}
