using System.Diagnostics.Metrics;
using Phaseo.Orleans.Batches;

namespace Phaseo.Orleans;

/// <summary>
/// All instruments of the product: a method for each thing that happens. Durations are in seconds. Tags have few values,
/// never an id. docs/observability.md lists them; a test compares.
/// </summary>
/// <remarks>What happens to batches is here, what happens to rows, shards and in the background stands in the files beside.</remarks>
public sealed partial class PhaseoMetrics(Meter meter)
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Phaseo.Orleans";

    private const string StatusTag = "phaseo.batch.status";

    // Hours and days.
    private static readonly InstrumentAdvice<double> Long = Buckets(1, 5, 15, 60, 300, 900, 3600, 10_800, 21_600, 43_200, 86_400, 259_200, 604_800);

    // What waits for a provider.
    private static readonly InstrumentAdvice<double> Slow = Buckets(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600);

    // What waits for storage, or for a place.
    private static readonly InstrumentAdvice<double> Fast = Buckets(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30);

    private readonly Meter _meter = meter;
    private readonly Counter<long> _changes =
        meter.CreateCounter<long>("phaseo.batch.changes", "{change}", "Batches that reached a status.");

    private readonly Histogram<double> _durations =
        meter.CreateHistogram("phaseo.batch.duration", "s", "From a batch's create to its terminal status.", advice: Long);

    private readonly Histogram<double> _margins =
        meter.CreateHistogram("phaseo.batch.deadline.margin", "s", "Time that was left to the deadline when a batch ended.", advice: Long);

    private readonly Histogram<double> _overruns =
        meter.CreateHistogram("phaseo.batch.deadline.overrun", "s", "Time since the deadline when a batch ended after it.", advice: Slow);

    private readonly Histogram<double> _validations =
        meter.CreateHistogram("phaseo.batch.validation.duration", "s", "Checking a batch's input file.", advice: Slow);

    /// <summary>Creates the instruments.</summary>
    public PhaseoMetrics(IMeterFactory meters)
        : this(meters.Create(MeterName))
    {
    }

    /// <summary>A batch's saved status changed.</summary>
    public void BatchChanged(BatchStatus status) => _changes.Add(1, Tag(StatusTag, status.ToWire()));

    /// <summary>A batch reached a terminal status: how long after its create, and how long before its deadline (negative: after).</summary>
    public void BatchEnded(BatchStatus status, TimeSpan duration, TimeSpan margin)
    {
        var tag = Tag(StatusTag, status.ToWire());
        _durations.Record(duration.TotalSeconds, tag);
        if (margin < TimeSpan.Zero)
        {
            _overruns.Record(-margin.TotalSeconds, tag);
        }
        else
        {
            _margins.Record(margin.TotalSeconds, tag);
        }
    }

    /// <summary>An input was checked and found good, or refused.</summary>
    public void Validated(bool isGood, TimeSpan duration) =>
        _validations.Record(duration.TotalSeconds, Tag("phaseo.validation.outcome", isGood ? "valid" : "refused"));

    /// <summary>Shows what is under way on this silo whenever somebody looks; sums over silos are the cluster's.</summary>
    internal void Observe(ActiveBatches batches)
    {
        _meter.CreateObservableUpDownCounter(
            "phaseo.batch.active",
            () => batches.ByStatus().Select(entry => new Measurement<long>(entry.Count, Tag(StatusTag, entry.Status.ToWire()))),
            "{batch}",
            "Batches that are not finished, by where they live.");
        _meter.CreateObservableUpDownCounter(
            "phaseo.batch.rows.pending", () => batches.PendingRows, "{row}", "Rows without an outcome of batches that have been validated.");
        _meter.CreateObservableGauge("phaseo.batch.oldest.age", () => batches.OldestAge.TotalSeconds, "s", "Age of the oldest batch that is not finished.");
        _meter.CreateObservableGauge(
            "phaseo.batch.deadline.next", () => Measurements(batches.NextDeadline), "s", "Time to the next deadline of a batch that is not finished; negative: overdue.");
    }

    private static IEnumerable<Measurement<double>> Measurements(TimeSpan? time) =>
        time is { } value ? [new Measurement<double>(value.TotalSeconds)] : [];

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);

    private static InstrumentAdvice<double> Buckets(params double[] upTo) => new() { HistogramBucketBoundaries = upTo };
}
