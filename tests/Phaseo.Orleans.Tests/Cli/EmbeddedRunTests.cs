using System.Text.Json.Nodes;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Cli;

/// <summary>The whole way, with the silo that the command line starts itself.</summary>
public sealed class EmbeddedRunTests : IDisposable
{
    private readonly CliHarness _cli = new();

    [Fact]
    public async Task A_file_is_answered_by_the_simulator_without_a_key_or_a_network()
    {
        var input = _cli.Write("in.jsonl", CliRows.Of("sim/echo-small", 3));

        var result = await _cli.RunAsync("run", input);

        Assert.Equal(0, result.Code);
        Assert.Contains("rows    3: 3 ok, 0 failed", result.Out, StringComparison.Ordinal);
        Assert.Contains("cost    $0.00", result.Out, StringComparison.Ordinal);
        Assert.Contains("built-in simulator", result.Out, StringComparison.Ordinal);
        Assert.Equal(["row-0", "row-1", "row-2"], CliRows.IdsIn(_cli.At("in.out.jsonl")));
        Assert.Empty(Directory.GetFileSystemEntries(_cli.RunsFolder));
    }

    [Fact]
    public async Task A_bad_file_is_refused_line_by_line()
    {
        var input = _cli.Write("in.jsonl", CliRows.Of("sim/echo-small", 1) + "not json\n" + CliRows.Of("no/such-model", 1, first: 1));

        var result = await _cli.RunAsync("run", input);

        Assert.Equal(1, result.Code);
        Assert.Matches("(?m)^2 +invalid_json_line +", result.Error);
        Assert.Matches("(?m)^3 +model_not_found +", result.Error);
        Assert.False(File.Exists(_cli.At("in.out.jsonl")));
    }

    [Fact]
    public async Task A_row_that_its_provider_refuses_is_exit_code_2_and_in_the_error_file()
    {
        await using var upstream = await FakeUpstream.StartAsync(cancellation: TestContext.Current.CancellationToken);
        upstream.Rules = [new() { Marker = "bad", Fault = new() { Kind = FakeFaultKind.Status, Status = 400 } }];
        var catalog = _cli.Write("catalog.json", Catalog(upstream.BaseUrl));
        var input = _cli.Write("in.jsonl", CliRows.Of("fake/model", 2) + CliRows.Of("fake/model", 1, first: 2, user: "bad"));

        var result = await _cli.RunAsync("run", input, "--catalog", catalog, "--json");

        var run = JsonNode.Parse(result.Out)!;
        Assert.Equal((2, ""), (result.Code, result.Error));
        Assert.Equal(["row-0", "row-1"], CliRows.IdsIn(_cli.At("in.out.jsonl")));
        Assert.Equal(["row-2"], CliRows.IdsIn(_cli.At("in.errors.jsonl")));
        Assert.False((bool)run["simulated"]!);

        // Every token costs a dollar here.
        Assert.Equal((long)run["batch"]!["usage"]!["total_tokens"]! * 1_000_000_000, (long)run["cost_nanos"]!);
        Assert.True((long)run["cost_nanos"]! > 0);
    }

    [Fact]
    public async Task A_data_folder_that_is_given_stays_and_holds_the_batch()
    {
        var input = _cli.Write("in.jsonl", CliRows.Of("sim/echo-small", 1));

        await _cli.RunAsync("run", input, "--data", _cli.At("data"));

        Assert.True(File.Exists(_cli.At("data", "phaseo.db")));
        Assert.Empty(Directory.GetFileSystemEntries(_cli.At("data", "runs")));
    }

    [Fact]
    public async Task A_bad_catalog_is_told_with_every_error_and_no_stack_trace()
    {
        var catalog = _cli.Write("catalog.json", """{"providers":[{"id":"a b","kind":"x"}],"offers":[]}""");
        var input = _cli.Write("in.jsonl", CliRows.Of("sim/echo-small", 1));

        var result = await _cli.RunAsync("run", input, "--catalog", catalog);

        Assert.Equal(1, result.Code);
        Assert.Contains("providers[0].id:", result.Error, StringComparison.Ordinal);
        Assert.Contains("providers[0].kind:", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _cli.Dispose();

    private static string Catalog(Uri baseUrl) => $$"""
        {"providers":[{"id":"fake","kind":"openai","base_url":"{{baseUrl}}","api_key_env":null}],
         "offers":[{"provider":"fake","model":"fake/model","upstream_model":"model","endpoints":["/v1/chat/completions"],
           "batch":"relay","status":"active","prices":[
             {"meter":"input_tokens","unit_size":1,"price_usd":"1","plan":"standard"},
             {"meter":"output_tokens","unit_size":1,"price_usd":"1","plan":"standard"}]}]}
        """;
}
