using System.Diagnostics.Metrics;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Batches.Journals;
using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans.Tests.Observability;

/// <summary>
/// Everything that the product's meter has, found by making everything happen once: each instrument with the tags that
/// it was given.
/// </summary>
internal sealed class SeenInstruments : IMeterFactory
{
    private readonly SortedDictionary<string, SeenInstrument> _seen = new(StringComparer.Ordinal);
    private readonly List<Meter> _meters = [];
    private readonly List<Instrument> _published = [];
    private readonly MeterListener _listener = new();

    private SeenInstruments()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, this))
            {
                _published.Add(instrument);
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Note(instrument, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Note(instrument, tags));
        _listener.Start();
    }

    /// <summary>Makes everything happen. An instrument of which nothing was seen is one that this class forgot.</summary>
    public static IReadOnlyList<SeenInstrument> Find(ActiveBatches active, ProviderLimiter limiter)
    {
        using var seen = new SeenInstruments();
        var metrics = new PhaseoMetrics(seen);
        metrics.BatchChanged(BatchStatus.InProgress);
        metrics.BatchEnded(BatchStatus.Completed, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        metrics.BatchEnded(BatchStatus.Expired, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(-1));
        metrics.Validated(isGood: true, TimeSpan.FromSeconds(1));
        metrics.RowEnded("ok");
        metrics.CallEnded("provider", "ok", TimeSpan.FromSeconds(1));
        metrics.AnswerDropped();
        metrics.LimiterWaited("provider", TimeSpan.FromSeconds(1));
        metrics.Appended();
        metrics.FencedOut("append");
        metrics.ShardStarted(LedgerStart.TakenOver);
        metrics.ShardParked();
        metrics.Repaired("index");
        metrics.BatchDriven("stale");
        metrics.DriverPassed("drive_all", TimeSpan.FromSeconds(1), "unavailable");
        metrics.ReminderCame(TimeSpan.FromSeconds(1));
        metrics.StorageUsed("blob.put", TimeSpan.FromSeconds(1), "unavailable");
        metrics.Observe(active);
        metrics.Observe(limiter);
        seen._listener.RecordObservableInstruments();

        Assert.Empty(seen._published.Select(instrument => instrument.Name).Except(seen._seen.Keys));
        return [.. seen._seen.Values];
    }

    public Meter Create(MeterOptions options)
    {
        options.Scope = this;
        var meter = new Meter(options);
        _meters.Add(meter);
        return meter;
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meters.ForEach(meter => meter.Dispose());
    }

    private void Note(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var keys = tags.ToArray().Select(tag => tag.Key);
        var before = _seen.GetValueOrDefault(instrument.Name)?.Tags ?? [];
        _seen[instrument.Name] = new(instrument, [.. before.Union(keys).Order(StringComparer.Ordinal)]);
    }
}

/// <summary>One instrument and the keys of its tags.</summary>
internal sealed record SeenInstrument(Instrument Instrument, IReadOnlyList<string> Tags)
{
    /// <summary>The word for its kind.</summary>
    public string Kind => Instrument switch
    {
        Counter<long> => "counter",
        Histogram<double> => "histogram",
        ObservableUpDownCounter<long> => "up-down counter",
        ObservableGauge<double> => "gauge",
        _ => throw new InvalidOperationException($"{Instrument.Name} is of a kind that has no word."),
    };

    /// <summary>Its name at <c>/metrics</c>: unit and kind appended (OpenTelemetry's compatibility with Prometheus).</summary>
    public string PrometheusName
    {
        get
        {
            var unit = Instrument.Unit == "s" ? "_seconds" : "";
            var total = Instrument is Counter<long> ? "_total" : "";
            return Instrument.Name.Replace('.', '_') + unit + total;
        }
    }

    /// <summary>The names of its series there.</summary>
    public IEnumerable<string> SeriesNames =>
        Instrument is Histogram<double> ? [PrometheusName + "_bucket", PrometheusName + "_sum", PrometheusName + "_count"] : [PrometheusName];
}
