using Phaseo.Orleans.Cli;
using Phaseo.Orleans.Cli.Runs;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Cli;

public sealed class RunPlanTests : IDisposable
{
    // What a run does by what an earlier one left and how it is called.
    private const string Table =
        """
        left                     plain    resume   restart
        nothing                  new      new      new
        nothing, output there    new      refuse   new
        upload                   same     same     same
        upload of other content  new      new      new
        batch                    refuse   same     cancel
        batch of other content   refuse   refuse   cancel
        """;

    private static readonly InputFile Input = new(10, "aa", "/v1/embeddings");

    private readonly TempFolder _folder = new();

    public static TheoryData<string, string, string> Cases => TextTable.Cells(Table);

    [Theory, MemberData(nameof(Cases))]
    public void A_run_never_loses_or_repeats_paid_work_by_itself(string left, string call, string outcome)
    {
        var request = Request() with { Resume = call == "resume", Restart = call == "restart" };
        if (left == "nothing, output there")
        {
            File.WriteAllText(request.Output, "");
        }

        var record = Left(left);
        RunPlan? plan = null;
        var refusal = Record.Exception(() => plan = RunPlan.Decide(request, Input, record));

        Assert.True(refusal is null or CliException);
        Assert.Equal(outcome, Name(plan, record));
    }

    [Theory]
    [InlineData("/v1/responses", "/v1/embeddings", "/v1/responses")]
    [InlineData(null, "/v1/embeddings", "/v1/embeddings")]
    [InlineData(null, null, "/v1/chat/completions")]
    public void The_endpoint_is_the_callers_then_the_files_then_chat(string? asked, string? inFile, string endpoint)
    {
        var plan = RunPlan.Decide(Request() with { Endpoint = asked }, Input with { Url = inFile }, null);

        Assert.Equal(endpoint, plan.Record.Endpoint);
    }

    [Fact]
    public void Another_window_is_another_request_under_another_key()
    {
        var left = Left("upload");

        var plan = RunPlan.Decide(Request() with { Window = "2h" }, Input, left);

        Assert.NotEqual(left!.IdempotencyKey, plan.Record.IdempotencyKey);
        Assert.Null(plan.Record.FileId);
    }

    public void Dispose() => _folder.Dispose();

    private RunRequest Request() => new()
    {
        Input = Path.Combine(_folder.Path, "in.jsonl"),
        Output = Path.Combine(_folder.Path, "in.out.jsonl"),
        Errors = Path.Combine(_folder.Path, "in.errors.jsonl"),
        Window = "24h",
    };

    private static RunRecord? Left(string left)
    {
        var record = new RunRecord
        {
            Input = "in.jsonl",
            Bytes = Input.Bytes,
            Sha256 = left.EndsWith("other content", StringComparison.Ordinal) ? "bb" : Input.Sha256,
            Endpoint = "/v1/embeddings",
            Window = "24h",
            IdempotencyKey = "key",
            FileId = "file-1",
        };
        return left.Split([' ', ','])[0] switch
        {
            "upload" => record,
            "batch" => record with { BatchId = "batch_1" },
            _ => null,
        };
    }

    private static string Name(RunPlan? plan, RunRecord? left) => plan switch
    {
        null => "refuse",
        { CancelFirst: "batch_1", Record.BatchId: null } => "cancel",
        _ when plan.Record == left => "same",
        { Record: { FileId: null, BatchId: null } } => "new",
        _ => "?",
    };
}
