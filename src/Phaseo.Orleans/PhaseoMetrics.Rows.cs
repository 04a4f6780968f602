using System.Diagnostics.Metrics;
using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans;

/// <content>Rows, the calls that are made for them, and the places that calls wait for.</content>
public sealed partial class PhaseoMetrics
{
    private const string ProviderTag = "phaseo.provider";

    private readonly Counter<long> _rows = meter.CreateCounter<long>("phaseo.rows", "{row}", "Rows that have their outcome.");

    private readonly Counter<long> _calls = meter.CreateCounter<long>("phaseo.upstream.calls", "{call}", "Calls to providers that ended.");

    private readonly Histogram<double> _callDurations =
        meter.CreateHistogram("phaseo.upstream.call.duration", "s", "Calls to providers, from sending to the whole answer.", advice: Slow);

    private readonly Counter<long> _lateAnswers =
        meter.CreateCounter<long>("phaseo.upstream.late_answers", "{call}", "Answers dropped after a stop.");

    private readonly Histogram<double> _waits =
        meter.CreateHistogram("phaseo.limiter.wait.duration", "s", "Waits of calls that found no place free.", advice: Fast);

    /// <summary>A row has its outcome: <c>ok</c>, <c>refused</c> or the contract's error code.</summary>
    public void RowEnded(string outcome) => _rows.Add(1, Tag("phaseo.row.outcome", outcome));

    /// <summary>A call ended: <c>ok</c> or the failure's label.</summary>
    public void CallEnded(string provider, string outcome, TimeSpan duration)
    {
        var tag = Tag(ProviderTag, provider);
        _calls.Add(1, tag, Tag("phaseo.call.outcome", outcome));
        _callDurations.Record(duration.TotalSeconds, tag);
    }

    /// <summary>An answer came after its row could no longer take it.</summary>
    public void AnswerDropped() => _lateAnswers.Add(1);

    /// <summary>A call had to wait for a place at its provider.</summary>
    public void LimiterWaited(string provider, TimeSpan duration) => _waits.Record(duration.TotalSeconds, Tag(ProviderTag, provider));

    /// <summary>Shows the places of this silo whenever somebody looks.</summary>
    internal void Observe(ProviderLimiter limiter)
    {
        Observe("phaseo.limiter.places", "{call}", "Calls at once that this silo has been lent.", limiter, use => use.Places);
        Observe("phaseo.limiter.in_use", "{call}", "Calls that run.", limiter, use => use.InUse);
        Observe("phaseo.limiter.waiting", "{call}", "Calls that wait for a place.", limiter, use => use.Waiting);
    }

    private void Observe(string name, string unit, string description, ProviderLimiter limiter, Func<ProviderUse, long> value) =>
        _meter.CreateObservableUpDownCounter(
            name, () => limiter.Uses().Select(use => new Measurement<long>(value(use), Tag(ProviderTag, use.Provider))), unit, description);
}
