using System.Text.Json.Nodes;

namespace Phaseo.Orleans.Tests.Cli;

public sealed class CommandTests : IAsyncLifetime
{
    private readonly CliHarness _cli = new();
    private StubServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await StubServer.StartAsync();
        _cli.Environment["PHASEO_SERVER"] = _server.Url;
        _cli.Environment["PHASEO_KEY"] = StubServer.Key;
    }

    public async ValueTask DisposeAsync()
    {
        _cli.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Get_prints_a_line_a_figure()
    {
        _server.WillBe(StubServer.State("in_progress", 1200, 800, 3));

        var result = await _cli.RunAsync("get", StubServer.BatchId);

        Assert.Equal(
            """
            id       batch_01stub
            status   in_progress
            endpoint /v1/chat/completions
            model    sim/echo-small
            rows     1,200: 800 ok, 3 failed
            tokens   8,000 in, 19,200 out
            created  2026-11-18 11:06:40Z
            expires  2026-11-19 11:06:40Z

            """,
            result.Out);
        Assert.Equal((0, ""), (result.Code, result.Error));
    }

    [Theory]
    [InlineData("get")]
    [InlineData("cancel")]
    public async Task Json_is_the_servers_object_with_fields_that_this_program_does_not_know(string command)
    {
        _server.WillBe(StubServer.State("in_progress", 3, 1, 0));

        var result = await _cli.RunAsync(command, StubServer.BatchId, "--json");

        Assert.Equal("kept", (string?)JsonNode.Parse(result.Out)!["x_unknown"]);
        Assert.Equal(1, result.Out.Count(c => c == '\n'));
    }

    [Fact]
    public async Task List_prints_columns_and_how_to_go_on()
    {
        var result = await _cli.RunAsync("list", "--limit", "2", "--status", "completed", "--status", "failed", "--metadata", "team=a b");

        Assert.Equal(
            """
            id            status       done   rows   failed  created               model
            batch_01stub  completed    1,200  1,200  1       2026-11-18 11:06:40Z  sim/echo-small
            batch_01stub  in_progress  10     50     0       2026-11-18 11:06:40Z  sim/echo-small

            """,
            result.Out);
        Assert.Equal("There are more: --after batch_01stub\n", result.Error);
        Assert.Equal(
            "GET /v1/batches?limit=2&status=completed&status=failed&metadata%5Bteam%5D=a%20b", Assert.Single(_server.Requests));
    }

    [Fact]
    public async Task Cancel_says_what_it_came_to()
    {
        var result = await _cli.RunAsync("cancel", StubServer.BatchId);

        Assert.Equal((0, "batch_01stub cancelling\n"), (result.Code, result.Out));
    }

    [Fact]
    public async Task Submit_prints_the_id_and_sends_what_was_asked()
    {
        var input = _cli.Write("in.jsonl", """{"custom_id":"a","url":"/v1/embeddings","body":{}}""");

        var result = await _cli.RunAsync("submit", input, "--window", "2h", "--metadata", "team=a=b", "--session-id", "s1");

        Assert.Equal((0, "batch_01stub\n"), (result.Code, result.Out));
        Assert.Equal(await File.ReadAllTextAsync(input, TestContext.Current.CancellationToken), Assert.Single(_server.Uploads));
        Assert.Equal(
            """{"input_file_id":"file-in","endpoint":"/v1/embeddings","completion_window":"2h","metadata":{"team":"a=b"},"session_id":"s1"}""",
            Assert.Single(_server.Created).ToJsonString());
    }

    [Fact]
    public async Task Results_go_to_standard_output_and_say_that_rows_failed()
    {
        var state = StubServer.State("completed", 3, 2, 1);
        (state["output_file_id"], state["error_file_id"]) = ("file-out", "file-err");
        _server.WillBe(state).Holds("file-out", "{\"a\":1}\n{\"b\":2}\n").Holds("file-err", "{\"c\":3}\n");

        var result = await _cli.RunAsync("results", StubServer.BatchId);

        Assert.Equal((2, "{\"a\":1}\n{\"b\":2}\n"), (result.Code, result.Out));
        Assert.Equal("1 rows have no good answer; --errors FILE fetches them.\n", result.Error);
    }

    [Fact]
    public async Task Results_of_a_running_batch_are_refused_unless_one_waits()
    {
        var done = StubServer.State("completed", 3, 3, 0);
        done["output_file_id"] = "file-out";
        _server.WillBe(StubServer.State("in_progress", 3, 1, 0), StubServer.State("in_progress", 3, 2, 0), done).Holds("file-out", "{}\n");

        var early = await _cli.RunAsync("results", StubServer.BatchId);
        var late = await _cli.RunAsync("results", StubServer.BatchId, "--wait", "-o", _cli.At("out.jsonl"));

        Assert.Equal(
            (1, "phaseo: batch_01stub is in_progress, 1 of 3 rows; --wait waits for its end\n"), (early.Code, early.Error));
        Assert.Equal((0, ""), (late.Code, late.Out));
        Assert.Equal("{}\n", await File.ReadAllTextAsync(_cli.At("out.jsonl"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_refusal_is_one_line()
    {
        _cli.Environment["PHASEO_KEY"] = "wrong";

        var result = await _cli.RunAsync("list");

        Assert.Equal((1, ""), (result.Code, result.Out));
        Assert.Equal("phaseo: That key is not known. (invalid_api_key, req_1)\n", result.Error);
    }

    [Fact]
    public async Task A_refusal_with_json_is_the_contracts_error_body()
    {
        _cli.Environment["PHASEO_KEY"] = "wrong";

        var result = await _cli.RunAsync("list", "--json");

        Assert.Equal(
            """{"error":{"message":"That key is not known.","type":"authentication_error","param":null,"code":"invalid_api_key"}}""" + "\n",
            result.Error);
    }

    [Theory]
    [InlineData("frobnicate")]
    [InlineData("get")]
    [InlineData("list", "--limit", "many")]
    [InlineData("run", "in.jsonl", "--no-such-option")]
    [InlineData("serve", "--storage", "tape")]
    [InlineData("submit", "/no/such/file.jsonl")]
    [InlineData("list", "--metadata", "novalue")]
    [InlineData("list", "--server", "localhost:1")]
    [InlineData("serve", "--storage", "azure")]
    public async Task Misuse_is_exit_code_1_and_says_why_on_standard_error(params string[] args)
    {
        var result = await _cli.RunAsync(args);

        Assert.Equal(1, result.Code);
        Assert.NotEmpty(result.Error);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("--version")]
    [InlineData("run", "--help")]
    public async Task Help_and_version_are_results(params string[] args)
    {
        var result = await _cli.RunAsync(args);

        Assert.Equal((0, ""), (result.Code, result.Error));
        Assert.NotEmpty(result.Out);
    }
}
