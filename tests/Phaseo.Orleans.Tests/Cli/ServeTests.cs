using System.Text.Json.Nodes;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Cli;

public sealed class ServeTests(Azurite azurite) : IDisposable
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

    [Fact]
    public async Task A_server_on_a_storage_account_keeps_nothing_here()
    {
        var account = await azurite.AccountAsync();
        string[] serve =
        [
            "serve", "--urls", "http://127.0.0.1:0", "--storage", "azure", "--connection", account.ConnectionString,
            "--storage-prefix", AzureAccount.NewTable(), "--log-level", "None", "--json",
        ];
        var ready = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var serving = _cli.RunAsync(ready, serve);
        var said = JsonNode.Parse(await ready.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken))!;
        using var client = _cli.NextProcess();
        client.Environment["PHASEO_SERVER"] = (string)said["urls"]![0]!;

        var listed = await client.RunAsync("list", "--key", (string)said["key"]!);
        _cli.Interrupt();
        var ended = await serving;

        Assert.Equal((0, "No batches.\n"), (listed.Code, listed.Error));
        Assert.Null(said["data_folder"]);
        Assert.Equal((0, ""), (ended.Code, ended.Error));
        Assert.False(Directory.Exists(_cli.At("data")));
    }

    [Theory]
    [InlineData("--storage azure", "--storage azure needs --connection or PHASEO_CONNECTION")]
    [InlineData("--storage azure --connection nonsense", "--connection: neither a connection string nor the address")]
    [InlineData("--storage azure --connection https://example.org/", "--connection: neither a connection string nor the address")]
    [InlineData("--storage azure --connection UseDevelopmentStorage=true --data d", "--data goes with embedded storage")]
    [InlineData("--storage azure --connection UseDevelopmentStorage=true --storage-prefix A", "--storage-prefix A: 3 to 40 lower-case letters")]
    [InlineData("--storage azure --connection UseDevelopmentStorage=true --address here", "--address here: an IP address is needed")]
    [InlineData("--connection UseDevelopmentStorage=true", "--connection, --storage-prefix, --address and --role go with --storage azure")]
    [InlineData("--role worker", "--connection, --storage-prefix, --address and --role go with --storage azure")]
    [InlineData("--storage azure --connection UseDevelopmentStorage=true --role both", "'both'")]
    public async Task Storage_that_makes_no_sense_is_refused(string arguments, string message)
    {
        var ended = await _cli.RunAsync(["serve", .. arguments.Split(' ')]);

        Assert.NotEqual(0, ended.Code);
        Assert.Contains(message, ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("nonsense", ended.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _cli.Dispose();
}
