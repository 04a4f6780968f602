using System.Text.Json.Nodes;

namespace Phaseo.Orleans.Tests.Cli;

public sealed class RunTests : IAsyncLifetime
{
    private const string Row = """{"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"sim/echo-small"}}""";

    private readonly CliHarness _cli = new();
    private StubServer _server = null!;

    private string Input => _cli.At("in.jsonl");

    public async ValueTask InitializeAsync()
    {
        _server = await StubServer.StartAsync();
        _cli.Environment["PHASEO_SERVER"] = _server.Url;
        _cli.Environment["PHASEO_KEY"] = StubServer.Key;
        _cli.Write("in.jsonl", Row + "\n");
    }

    public async ValueTask DisposeAsync()
    {
        _cli.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_file_goes_up_and_its_answers_come_back_beside_it()
    {
        _server.WillBe(StubServer.State("validating", 0, 0, 0), StubServer.State("in_progress", 3, 1, 0), Done(3, 0))
            .Holds("file-out", "{\"ok\":1}\n");

        var result = await _cli.RunAsync("run", Input);

        Assert.Equal(0, result.Code);
        Assert.Equal(Row + "\n", Assert.Single(_server.Uploads));
        Assert.Equal("{\"ok\":1}\n", Read("in.out.jsonl"));
        Assert.False(File.Exists(_cli.At("in.errors.jsonl")));
        Assert.Contains("running: 1/3 rows", result.Error, StringComparison.Ordinal);
        Assert.Matches(
            """
            ^Batch batch_01stub completed
              rows    3: 3 ok, 0 failed
              time    .*
              tokens  30 in, 72 out
              output  .*/in\.out\.jsonl
            $
            """.ReplaceLineEndings("\n"),
            result.Out);
    }

    [Fact]
    public async Task Nothing_is_left_but_the_results()
    {
        _server.WillBe(Done(2, 1)).Holds("file-out", "x\n").Holds("file-err", "y\n");

        var result = await _cli.RunAsync("run", Input, "-o", _cli.At("o.jsonl"), "--errors", _cli.At("e.jsonl"));

        Assert.Equal(2, result.Code);
        Assert.Equal(["e.jsonl", "in.jsonl", "o.jsonl"], Directory.GetFiles(_cli.At(), "*").Select(Path.GetFileName).Order());
        Assert.Empty(Directory.GetFileSystemEntries(_cli.RunsFolder));
    }

    [Fact]
    public async Task An_error_file_of_an_earlier_run_does_not_outlive_a_run_without_errors()
    {
        _cli.Write("in.errors.jsonl", "old");
        _server.WillBe(Done(1, 0)).Holds("file-out", "x\n");

        await _cli.RunAsync("run", Input);

        Assert.False(File.Exists(_cli.At("in.errors.jsonl")));
    }

    [Fact]
    public async Task A_refused_file_is_exit_code_1_with_a_table_of_faults_and_leaves_earlier_results_alone()
    {
        _cli.Write("in.out.jsonl", "earlier");
        var failed = StubServer.State("failed", 0, 0, 0);
        failed["errors"] = JsonNode.Parse("""
            {"object":"list","data":[
              {"code":"invalid_json_line","message":"Line 3 is no JSON.","param":null,"line":3},
              {"code":"empty_file","message":"There is no row.","param":null,"line":null}]}
            """);
        _server.WillBe(failed);

        var result = await _cli.RunAsync("run", Input);

        Assert.Equal((1, "Batch batch_01stub failed\n"), (result.Code, result.Out));
        Assert.EndsWith(
            """
            line  code               message
            3     invalid_json_line  Line 3 is no JSON.
            -     empty_file         There is no row.

            """.ReplaceLineEndings("\n"),
            result.Error,
            StringComparison.Ordinal);
        Assert.Equal("earlier", Read("in.out.jsonl"));
    }

    [Fact]
    public async Task Json_is_one_object_and_nothing_else()
    {
        _server.WillBe(Done(3, 0)).Holds("file-out", "{\"system_fingerprint\":\"phaseo-simulator\"}\n");

        var result = await _cli.RunAsync("run", Input, "--json");

        var run = JsonNode.Parse(result.Out)!;
        Assert.Equal("", result.Error);
        Assert.Equal("kept", (string?)run["batch"]!["x_unknown"]);
        Assert.Equal(_cli.At("in.out.jsonl"), (string?)run["output"]);
        Assert.Null(run["errors"]);
        Assert.True((bool)run["simulated"]!);
    }

    [Fact]
    public async Task Answers_of_the_simulator_are_called_so()
    {
        _server.WillBe(Done(3, 0)).Holds("file-out", "{\"system_fingerprint\":\"phaseo-simulator\"}\n");

        var result = await _cli.RunAsync("run", Input);

        Assert.Contains("answers came from the built-in simulator, not from a model", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_prints_how_to_go_on_and_resume_goes_on_without_a_second_batch()
    {
        _server.WillBe(StubServer.State("in_progress", 3, 1, 0)).Intercept = context =>
        {
            if (context.Request.Path == $"/v1/batches/{StubServer.BatchId}")
            {
                _cli.Interrupt();
            }

            return Task.FromResult(false);
        };

        var stopped = await _cli.RunAsync("run", Input, "-o", _cli.At("my out.jsonl"), "--key", StubServer.Key);
        using var later = _cli.NextProcess();
        _server.Intercept = null;
        _server.WillBe(Done(3, 0)).Holds("file-out", "x\n");
        var refused = await later.RunAsync("run", Input);
        var resumed = await later.RunAsync("run", Input, "-o", _cli.At("my out.jsonl"), "--resume");

        Assert.Equal(130, stopped.Code);
        Assert.EndsWith(
            $"Stopped. This goes on where it was:\n  phaseo run {Input} --output '{_cli.At("my out.jsonl")}' --resume\n",
            stopped.Error,
            StringComparison.Ordinal);
        Assert.Equal(1, refused.Code);
        Assert.Contains("--resume goes on with it, --restart cancels it", refused.Error, StringComparison.Ordinal);
        Assert.Equal(0, resumed.Code);
        Assert.Single(_server.Uploads);
        Assert.Single(_server.Created);
        Assert.Equal("x\n", Read("my out.jsonl"));
    }

    [Fact]
    public async Task A_run_that_died_before_it_knew_its_batch_finds_it_under_the_same_key()
    {
        var created = "";
        _server.Intercept = async context =>
        {
            if (context.Request.Path != "/v1/batches")
            {
                return false;
            }

            created = context.Request.Headers["Idempotency-Key"].ToString();
            _cli.Interrupt(); // the answer to the create never arrives
            await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return true;
        };
        await _cli.RunAsync("run", Input);
        using var later = _cli.NextProcess();
        var keys = new List<string>();
        _server.Intercept = context =>
        {
            keys.Add(context.Request.Headers["Idempotency-Key"].ToString());
            return Task.FromResult(false);
        };
        _server.WillBe(Done(1, 0)).Holds("file-out", "x\n");

        var result = await later.RunAsync("run", Input, "--resume");

        Assert.Equal(0, result.Code);
        Assert.Single(_server.Uploads);
        Assert.EndsWith("-batch", keys[0], StringComparison.Ordinal);
        Assert.Equal(created, keys[0]);
    }

    [Fact]
    public async Task Restart_cancels_the_old_batch_first()
    {
        _server.WillBe(StubServer.State("in_progress", 3, 1, 0)).Intercept = context =>
        {
            if (context.Request.Path == $"/v1/batches/{StubServer.BatchId}")
            {
                _cli.Interrupt();
            }

            return Task.FromResult(false);
        };
        await _cli.RunAsync("run", Input);
        using var later = _cli.NextProcess();
        _server.Intercept = null;
        _server.WillBe(Done(1, 0)).Holds("file-out", "x\n");

        var result = await later.RunAsync("run", Input, "--restart");

        Assert.Equal(0, result.Code);
        Assert.Equal(2, _server.Created.Count);
        var asked = _server.Requests.ToList();
        Assert.True(
            asked.IndexOf($"POST /v1/batches/{StubServer.BatchId}/cancel") < asked.LastIndexOf("POST /v1/files"),
            string.Join('\n', asked));
    }

    [Fact]
    public async Task A_create_that_is_refused_leaves_nothing_to_resume()
    {
        _server.Intercept = async context =>
        {
            if (context.Request.Path != "/v1/batches")
            {
                return false;
            }

            await StubServer.ErrorAsync(context, 400, "The window is not one.", "invalid_request_error", "invalid_completion_window");
            return true;
        };

        var refused = await _cli.RunAsync("run", Input, "--window", "soon");
        _server.Intercept = null;
        _server.WillBe(Done(1, 0)).Holds("file-out", "x\n");
        var second = await _cli.RunAsync("run", Input);

        Assert.Equal(1, refused.Code);
        Assert.EndsWith("phaseo: The window is not one. (invalid_completion_window, req_1)\n", refused.Error, StringComparison.Ordinal);
        Assert.Equal(0, second.Code);
    }

    [Fact]
    public async Task A_download_that_fails_leaves_the_old_results_and_can_be_resumed()
    {
        _cli.Write("in.out.jsonl", "old");
        _server.WillBe(Done(1, 0));

        var failed = await _cli.RunAsync("run", Input);
        var left = Directory.GetFiles(_cli.At()).Select(Path.GetFileName).Order().ToArray();
        _server.Holds("file-out", "new\n");
        var resumed = await _cli.RunAsync("run", Input, "--resume");

        Assert.Equal(1, failed.Code);
        Assert.Equal(["in.jsonl", "in.out.jsonl"], left);
        Assert.Equal((0, "new\n"), (resumed.Code, Read("in.out.jsonl")));
        Assert.Single(_server.Created);
    }

    private static JsonObject Done(int completed, int failed)
    {
        var state = StubServer.State("completed", completed + failed, completed, failed);
        state["output_file_id"] = "file-out";
        state["error_file_id"] = failed > 0 ? "file-err" : null;
        return state;
    }

    private string Read(string name) => File.ReadAllText(_cli.At(name));
}
