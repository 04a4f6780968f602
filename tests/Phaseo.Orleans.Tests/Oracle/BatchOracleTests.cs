using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.Tests.Oracle;

public sealed class BatchOracleTests
{
    private static readonly Dictionary<string, (string Promise, Action<OracleRun> Break)> Breakages = new(StringComparer.Ordinal)
    {
        ["a row is in no file"] = ("I1", run => run.Output.RemoveAt(1)),
        ["a row is twice in a file"] = ("I1", run => run.Output.Add(run.Output[2])),
        ["a row is in both files"] = ("I1", run => run.Errors.Insert(0, run.Line(2, 400, call: 4))),
        ["two lines are swapped"] = ("I1", run => run.Output.Reverse(0, 2)),
        ["a line is of no row"] = ("I1", run => run.Output.Add(run.Output[0].Replace("\"r0\"", "\"r9\""))),
        ["a line is torn"] = ("I1", run => run.Output[0] = run.Output[0][..40]),
        ["a row has another row's answer"] = ("I1", run => run.Output[0] = run.Line(0, 200, call: 1, echo: 1)),
        ["a row has the answer to another row's call"] = ("I1", run => run.Output[2] = run.Line(2, 200, call: 5)),
        ["a call carried another row's body"] = ("I1", run => run.Calls[0] = run.Calls[0] with { Body = run.Calls[1].Body }),
        ["an answer came from nowhere"] = ("I1", run => run.Calls.RemoveAt(0)),
        ["a call was made for no row"] = ("I1", run => run.Calls.Add(run.Calls[0] with { Serial = 9, RowId = "batch_req_9" })),
        ["a failure is in the output file"] = ("I1", run => run.Output[0] = run.Line(0, 500, call: 1)),
        ["a success is in the error file"] = ("I1", run => run.Errors[0] = run.Line(3, 200, call: 5)),
        ["an error code is unknown"] = ("I1", run => run.Errors[0] = OracleRun.Unanswered(3, "oops")),
        ["a row is cancelled in a completed batch"] = ("I1", run => run.Errors[0] = OracleRun.Unanswered(3, "batch_cancelled")),
        ["a count is not what the file says"] = ("I2", run => run.Last(last => last with { Completed = 2, Failed = 2 })),
        ["the counts do not add up"] = ("I2", run => run.Last(last => last with { Total = 5 })),
        ["a count fell"] = ("I2", run => run.Seen.Insert(1, run.Seen[0] with { Completed = 0 })),
        ["a terminal status changed"] = ("I2", run => run.Seen[^1] = run.Seen[^1] with { Status = "expired" }),
        ["a terminal batch changed"] = ("I2", run => run.Seen[^1] = run.Seen[^1] with { OutputFileId = "file-p" }),
        ["a cancelling batch completed"] = ("I2", run => run.Seen[0] = run.Seen[0] with { Status = "cancelling" }),
        ["a batch did not end"] = ("I2", run => run.Seen.RemoveRange(1, 2)),
        ["a recorded row was called"] = ("I3", run => run.Call(9, row: 0, attempt: 2)),
        ["an attempt was repeated"] = ("I3", run => run.Calls[3] = run.Calls[3] with { Attempt = 1 }),
        ["a file id was shown early"] = ("I7", run => run.Seen[0] = run.Seen[0] with { OutputFileId = "file-o" }),
        ["a file changed"] = ("I7", run => run.FirstOutput = string.Join('\n', run.Output[..2]) + "\n"),
        ["a file is cut off"] = ("I7", run => run.LastLineEnd = ""),
        ["a file has an id and no rows"] = ("I7", run => run.Errors.Clear()),
        ["usage is not the sum over rows"] = ("I12", run => run.Last(last => last with { InputTokens = 29 })),
        ["cost is not the sum over rows"] = ("I12", run => run.Last(last => last with { CostNanos = last.CostNanos + 1 })),
    };

    public static TheoryData<string> Names => [.. Breakages.Keys];

    [Fact]
    public void Run_that_kept_its_promises_is_clean()
    {
        using var run = new OracleRun();

        Assert.Empty(run.Check());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Broken_promise_is_named(string what)
    {
        using var run = new OracleRun();
        var (promise, spoil) = Breakages[what];

        spoil(run);

        Assert.Contains(run.Check(), violation => violation.Promise == promise);
    }

    [Fact]
    public void Kills_allow_as_many_repeated_attempts_as_the_bound_says()
    {
        using var run = new OracleRun();
        run.Calls[3] = run.Calls[3] with { Attempt = 1 };

        run.Bounds = run.Bounds with { RepeatedCalls = 1 };

        Assert.Empty(run.Check());
    }

    [Fact]
    public void Frozen_process_may_call_a_recorded_row_within_the_bound()
    {
        using var run = new OracleRun();
        run.Call(9, row: 0, attempt: 2);

        run.Bounds = run.Bounds with { RepeatedCalls = 1, Frozen = true };

        Assert.Empty(run.Check());
    }

    [Fact]
    public void Row_that_gave_up_may_have_been_called_after_its_last_answer()
    {
        using var run = new OracleRun();
        run.Call(6, row: 3, attempt: 2);

        run.Errors[0] = run.Line(3, 429, call: 5);

        Assert.Empty(run.Check());
    }

    [Fact]
    public void Rows_without_an_answer_are_legal_in_a_cancelled_batch()
    {
        using var run = new OracleRun();
        run.Errors[0] = OracleRun.Unanswered(3, "batch_cancelled");

        run.Last(last => last with { Status = "cancelled" });

        Assert.Empty(run.Check());
    }

    [Fact]
    public void Kept_hash_ignores_only_what_the_engine_rewrites()
    {
        var body = """{"model":"a","messages":["x"],"provider":{"only":["y"]},"n":1}"""u8;

        Assert.Equal(BodyHashes.Kept(body), BodyHashes.Kept("""{"model":"b","messages":["x"],"n":1}"""u8));
        Assert.NotEqual(BodyHashes.Kept(body), BodyHashes.Kept("""{"model":"a","messages":["z"],"n":1}"""u8));
        Assert.NotEqual(BodyHashes.Kept(body), BodyHashes.Kept("""{"model":"a","messages":["x"],"n":2}"""u8));
    }
}
