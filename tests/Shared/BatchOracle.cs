using System.Text.Json;

namespace Phaseo.Orleans.Testing;

/// <summary>
/// Says which promises of the engine a run has broken (I1, I2, I3, I7, I12), from what can be seen outside: input,
/// files, reads of the batch and the upstream's log. It shares no code with what it judges. What is left in the stores
/// (I9) is <see cref="Remains"/>'s.
/// </summary>
public sealed class BatchOracle
{
    private const int MaxViolations = 200;

    private readonly OracleBounds _bounds;
    private readonly Dictionary<string, List<LoggedCall>> _calls = new(StringComparer.Ordinal);
    private readonly List<Violation> _violations = [];
    private int _repeated;

    /// <summary>An oracle over the calls of a whole run.</summary>
    public BatchOracle(IEnumerable<LoggedCall> calls, OracleBounds bounds)
    {
        _bounds = bounds;
        foreach (var call in calls)
        {
            if (!_calls.TryGetValue(call.RowId, out var ofRow))
            {
                _calls.Add(call.RowId, ofRow = []);
            }

            ofRow.Add(call);
        }
    }

    /// <summary>Calls so far that repeated an attempt number: what <see cref="OracleBounds.RepeatedCalls"/> bounds.</summary>
    public int RepeatedCalls => _repeated;

    /// <summary>Judges a run at once.</summary>
    public static IReadOnlyList<Violation> Check(
        IEnumerable<BatchEvidence> batches, IEnumerable<LoggedCall> calls, OracleBounds bounds)
    {
        var oracle = new BatchOracle(calls, bounds);
        foreach (var batch in batches)
        {
            oracle.Add(batch);
        }

        return oracle.Finish();
    }

    /// <summary>Judges one batch.</summary>
    public void Add(BatchEvidence batch)
    {
        var last = batch.Seen.Count == 0 ? null : batch.Seen[^1];
        if (last is not { IsTerminal: true })
        {
            Report("I2", batch, "The batch is not terminal.");
            return;
        }

        ReadingChecks.Run(batch, Report);
        if (last.Status == "failed" || last.Total == 0)
        {
            return;
        }

        var rows = InputRows.Read(batch.InputPath, _bounds.Hash);
        var totals = new RowTotals(rows.Count);
        ReadFile(batch, batch.OutputPath, isOutput: true, rows, totals);
        ReadFile(batch, batch.ErrorPath, isOutput: false, rows, totals);
        CompareTotals(batch, last, totals);
    }

    /// <summary>Ends the run: what was found, the first 200 only.</summary>
    public IReadOnlyList<Violation> Finish()
    {
        if (_repeated > _bounds.RepeatedCalls)
        {
            Report("I3", null, $"{_repeated} calls repeated an attempt number; at most {_bounds.RepeatedCalls} may.");
        }

        // Rows that were judged have been taken out.
        foreach (var (rowId, ofRow) in _calls)
        {
            Report("I1", null, $"{ofRow.Count} calls were made for {(rowId.Length == 0 ? "no row" : rowId)}, which is in no file.");
        }

        return _violations;
    }

    private void ReadFile(BatchEvidence batch, string? path, bool isOutput, InputRows rows, RowTotals totals)
    {
        if (path is null)
        {
            return;
        }

        var name = isOutput ? "output" : "error";
        var number = 0;
        var before = -1;
        foreach (var bytes in JsonLines.Read(path, () => Report("I7", batch, $"The {name} file does not end with a line feed.")))
        {
            number++;
            if (TryParse(bytes) is not { } line)
            {
                Report("I1", batch, $"Line {number} of the {name} file is not a result.");
                continue;
            }

            var row = rows.Find(line.CustomId);
            if (row < 0 || !totals.Take(row))
            {
                Report("I1", batch, $"Line {number} of the {name} file is {(row < 0 ? "of no input row" : $"of row {row}, seen before")}.");
                continue;
            }

            if (row < before)
            {
                Report("I1", batch, $"Line {number} of the {name} file, row {row}, stands behind row {before}.");
            }

            before = row;
            totals.Add(line, isOutput, _bounds.Prices);
            LineChecks.Run(line, isOutput, batch, what => Report("I1", batch, $"Row {row}: {what}"));
            CheckCalls(batch, line, row, rows.Body(row));
        }
    }

    private static ResultLine? TryParse(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return ResultLine.Parse(bytes);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    private void CheckCalls(BatchEvidence batch, ResultLine line, int row, ulong body)
    {
        if (line.Echo is { } echo && echo != body)
        {
            Report("I1", batch, $"Row {row} has the answer to another body.");
        }

        if (!_calls.Remove(line.RowId, out var calls))
        {
            if (line.StatusCode is not null)
            {
                Report("I1", batch, $"Row {row} has an answer, and no call was made for it.");
            }

            return;
        }

        if (calls.Exists(call => call.Body != body))
        {
            Report("I1", batch, $"A call for row {row} carried another body.");
        }

        _repeated += calls.Count - calls.DistinctBy(call => call.Attempt).Count();
        if (line.Call is not { } recorded)
        {
            return;
        }

        if (!calls.Exists(call => call.Serial == recorded))
        {
            Report("I1", batch, $"Row {row} has the answer to a call that was not made for it.");
        }

        // A row that gave up has its last such answer, and calls without an answer may have followed.
        if (line.StatusCode is 408 or 425 or 429 or >= 500)
        {
            return;
        }

        // Whoever reads the journal sees what is recorded and never calls that row; so the recorded call is the last.
        var later = calls.Count(call => call.Serial > recorded);
        if (later > 0 && _bounds.Frozen)
        {
            _repeated += later;
        }
        else if (later > 0)
        {
            Report("I3", batch, $"Row {row} was called {later} times after the call whose answer is recorded.");
        }
    }

    private void CompareTotals(BatchEvidence batch, BatchReading last, RowTotals totals)
    {
        Expect(batch, "I1", "input rows that are in a file", totals.Taken, totals.Rows);
        Expect(batch, "I2", "total", last.Total, totals.Rows);
        Expect(batch, "I2", "completed", last.Completed, totals.Output);
        Expect(batch, "I2", "failed", last.Failed, totals.Errors);
        Expect(batch, "I12", "input tokens", last.InputTokens, totals.InputTokens);
        Expect(batch, "I12", "output tokens", last.OutputTokens, totals.OutputTokens);
        if (_bounds.Prices is not null && last.CostNanos is { } cost)
        {
            Expect(batch, "I12", "cost in nanos", cost, totals.CostNanos);
        }
    }

    private void Expect(BatchEvidence batch, string promise, string what, long found, long wanted)
    {
        if (found != wanted)
        {
            Report(promise, batch, $"{what}: {found}, the rows say {wanted}.");
        }
    }

    private void Report(string promise, BatchEvidence? batch, string what)
    {
        if (_violations.Count < MaxViolations)
        {
            _violations.Add(new Violation(promise, batch?.BatchId ?? "", what));
        }
    }
}
