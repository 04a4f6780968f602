using System.Diagnostics.Metrics;
using Phaseo.Orleans.Batches;

namespace Phaseo.Orleans;

/// <summary>All instruments of the product: a method for each thing that happens. Durations are in seconds.</summary>
public sealed class PhaseoMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Phaseo.Orleans";

    private readonly Counter<long> _changes;
    private readonly Counter<long> _rows;
    private readonly Counter<long> _calls;
    private readonly Counter<long> _lateAnswers;
    private readonly Counter<long> _appends;
    private readonly Counter<long> _fenced;
    private readonly Counter<long> _parked;
    private readonly Counter<long> _starts;
    private readonly Counter<long> _repairs;

    /// <summary>Creates the instruments.</summary>
    public PhaseoMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _changes = meter.CreateCounter<long>("phaseo.batch.changes", "{change}", "Batches that reached a status.");
        _rows = meter.CreateCounter<long>("phaseo.rows", "{row}", "Rows that have their outcome.");
        _calls = meter.CreateCounter<long>("phaseo.upstream.calls", "{call}", "Calls to providers that ended.");
        _lateAnswers = meter.CreateCounter<long>("phaseo.upstream.late_answers", "{call}", "Answers dropped after a stop.");
        _appends = meter.CreateCounter<long>("phaseo.journal.appends", "{append}", "Journal flushes.");
        _fenced = meter.CreateCounter<long>("phaseo.journal.fenced", "{append}", "Writers that found another in charge.");
        _parked = meter.CreateCounter<long>("phaseo.shard.parked", "{shard}", "Shards that gave up their place to wait.");
        _starts = meter.CreateCounter<long>("phaseo.shard.starts", "{shard}", "Shards that took their journal over.");
        _repairs = meter.CreateCounter<long>("phaseo.repairs", "{repair}", "Things put right that a fault had left.");
    }

    /// <summary>A batch's saved status changed.</summary>
    public void BatchChanged(BatchStatus status) => _changes.Add(1, new KeyValuePair<string, object?>("phaseo.batch.status", status.ToWire()));

    /// <summary>A row has its outcome: <c>ok</c>, <c>refused</c> or the contract's error code.</summary>
    public void RowEnded(string outcome) => _rows.Add(1, new KeyValuePair<string, object?>("phaseo.row.outcome", outcome));

    /// <summary>A call ended: <c>ok</c> or the failure's label.</summary>
    public void CallEnded(string provider, string outcome) => _calls.Add(
        1,
        new KeyValuePair<string, object?>("phaseo.provider", provider),
        new KeyValuePair<string, object?>("phaseo.call.outcome", outcome));

    /// <summary>An answer came after its row could no longer take it.</summary>
    public void AnswerDropped() => _lateAnswers.Add(1);

    /// <summary>A flush is in.</summary>
    public void Appended() => _appends.Add(1);

    /// <summary>A writer found that it is no longer in charge.</summary>
    public void FencedOut() => _fenced.Add(1);

    /// <summary>A shard parked.</summary>
    public void ShardParked() => _parked.Add(1);

    /// <summary>A shard started.</summary>
    public void ShardStarted() => _starts.Add(1);

    /// <summary>Something was put right: 0 without faults.</summary>
    public void Repaired(string kind) => _repairs.Add(1, new KeyValuePair<string, object?>("phaseo.repair.kind", kind));
}
