using System.Text;
using System.Text.Json;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Chaos.Fast;

/// <summary>The promises, as far as one batch in a world can break them.</summary>
internal sealed class SimChecks
{
    private readonly SimScenario _scenario;
    private readonly List<string> _wrong = [];
    private BatchView? _last;
    private int _asked;
    private int _heard;

    public SimChecks(SimScenario scenario)
    {
        _scenario = scenario;
        scenario.Stored.OnState = OnState;
    }

    /// <summary>From when on nothing was broken any more.</summary>
    public DateTimeOffset QuietFrom { get; set; }

    /// <summary>Whether the batch has nothing left to do.</summary>
    public bool IsOver => State is { Status: BatchStatus.Completed or BatchStatus.Cancelled or BatchStatus.Expired, Outbox.IsEmpty: true }
        && _scenario.Stored.Open.Count == 0 && _scenario.Stored.Reminders.Count == 0;

    private BatchState State => _scenario.Stored.Row.State;

    /// <summary>A client reads.</summary>
    public async void Reading(Task<BatchView?> asked)
    {
        // Told here, in the order in which the answers come; one that was asked for later may show more.
        var number = ++_asked;
        try
        {
            if (await asked is { } view && number > _heard)
            {
                _heard = number;
                Compare(view);
            }
        }
        catch (Exception e) when (e is TimeoutException or OrleansException)
        {
            // No answer is no news.
        }
    }

    /// <summary>The end of the schedule: what was wrong.</summary>
    public IReadOnlyList<string> End()
    {
        _wrong.AddRange(_scenario.Upstream.Wrong);
        if (!IsOver)
        {
            _wrong.Add($"I5: Not over long after the last fault: {State.Status}, {State.Running.Length} running, {State.EndedCount} of {State.ShardCount} ended, {_scenario.Stored.Open.Count} open, {_scenario.Stored.Reminders.Count} reminders.");
            return _wrong;
        }

        CheckRows();
        CheckTimes();
        CheckRemains();
        return _wrong;
    }

    private void OnState(BatchState next)
    {
        if (next.Status is BatchStatus.Completed or BatchStatus.Cancelled or BatchStatus.Expired)
        {
            var before = State;
            if (before.Status != next.Status && before.Status is BatchStatus.Completed or BatchStatus.Cancelled or BatchStatus.Expired)
            {
                _wrong.Add($"I2: A {before.Status} batch became {next.Status}.");
            }

            if (next.Tally.Completed > 0 && !_scenario.Stored.Blobs.ContainsKey(BlobNames.Output(SimScenario.Workspace, SimScenario.Batch)))
            {
                _wrong.Add("I7: Terminal before the output file was complete.");
            }
        }
    }

    private void Compare(BatchView view)
    {
        if (_last is { } before)
        {
            // Another activation that does not know that it was replaced may show an older state.
            if (view.Version >= before.Version && (view.Completed < before.Completed || view.Failed < before.Failed))
            {
                _wrong.Add($"I2: Counts fell from {before.Completed}+{before.Failed} to {view.Completed}+{view.Failed}.");
            }
        }

        if (view.Completed + view.Failed > _scenario.Rows)
        {
            _wrong.Add($"I2: {view.Completed}+{view.Failed} of {_scenario.Rows} rows.");
        }

        if (view.Version > State.Version || (view.Version == State.Version && (view.Completed, view.Failed) != (State.Tally.Completed, State.Tally.Failed)))
        {
            _wrong.Add("I2: A client saw what was not saved.");
        }

        _last = _last is { } last && last.Version > view.Version ? last : view;
    }

    private void CheckRows()
    {
        var seen = new int[_scenario.Rows];
        var (output, errors) = (Lines(BlobNames.Output(SimScenario.Workspace, SimScenario.Batch)), Lines(BlobNames.Errors(SimScenario.Workspace, SimScenario.Batch)));
        foreach (var lines in new[] { output, errors })
        {
            var before = -1;
            foreach (var line in lines)
            {
                var row = int.Parse(line.GetProperty("custom_id").GetString()!.AsSpan(4), System.Globalization.CultureInfo.InvariantCulture);
                seen[row]++;
                if (row < before)
                {
                    _wrong.Add($"I1: Row {row} stands behind {before}.");
                }

                before = row;
                var response = line.GetProperty("response");
                if (response.ValueKind == JsonValueKind.Object && response.GetProperty("status_code").GetInt32() == 200
                    && response.GetProperty("body").GetProperty("row").GetInt32() != row)
                {
                    _wrong.Add($"I1: Row {row} has another row's answer.");
                }
            }
        }

        if (seen.Any(times => times != 1))
        {
            _wrong.Add($"I1: Rows in the files: {string.Join(' ', seen)}.");
        }

        var tally = State.Tally;
        if ((tally.Completed, tally.Failed) != (output.Count, errors.Count))
        {
            _wrong.Add($"I2: Counted {tally.Completed}+{tally.Failed}, the files have {output.Count}+{errors.Count}.");
        }

        var tokens = output.Sum(line => line.GetProperty("response").GetProperty("body").GetProperty("row").GetInt32() + 1L);
        if (tally.Usage.InputTokens != tokens || tally.Usage.OutputTokens != 7L * output.Count)
        {
            _wrong.Add($"I12: {tally.Usage.InputTokens} input tokens, the rows say {tokens}.");
        }
    }

    private void CheckTimes()
    {
        // A batch that finishes in the same moment in which its window ends may be either.
        var from = QuietFrom > _scenario.ExpiresAt ? QuietFrom : _scenario.ExpiresAt;
        var ended = State.EndedAt!.Value;
        if (ended > from + TimeSpan.FromSeconds(60))
        {
            _wrong.Add($"I4: It ended {(ended - from).TotalSeconds:0} s after its deadline.");
        }

        if (State is { Outcome: BatchStatus.Completed, FinalizingAt: { } at } && at > _scenario.ExpiresAt + TimeSpan.FromSeconds(1))
        {
            _wrong.Add($"I4: It was completed {(at - _scenario.ExpiresAt).TotalSeconds:0} s after its deadline.");
        }

        if (State is { Status: BatchStatus.Cancelled, CancellingAt: { } asked }
            && ended - (asked > QuietFrom ? asked : QuietFrom) > TimeSpan.FromSeconds(45))
        {
            _wrong.Add($"I6: It was cancelled {(ended - asked).TotalSeconds:0} s after it was asked to.");
        }
    }

    private void CheckRemains()
    {
        if (_scenario.Stored.Journals.Count > 0)
        {
            _wrong.Add($"I9: {_scenario.Stored.Journals.Count} journals are left.");
        }

        if (_scenario.Stored.Blobs.Keys.Any(name => name.StartsWith(BlobNames.WorkPrefix(SimScenario.Workspace, SimScenario.Batch), StringComparison.Ordinal)))
        {
            _wrong.Add("I9: Working files are left.");
        }

        if (_scenario.Stored.Index.GetValueOrDefault(SimScenario.Batch) is not { Terminal: true } row || row.Status != State.Status.ToWire())
        {
            _wrong.Add("I10: The index row is not the terminal one.");
        }
    }

    private List<JsonElement> Lines(string name) => _scenario.Stored.Blobs.TryGetValue(name, out var bytes)
        ? [.. Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)]
        : [];
}
