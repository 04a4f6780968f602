using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>The product's metrics, and what one test has made them count.</summary>
internal sealed class Measured : IMeterFactory
{
    private readonly List<Meter> _meters = [];
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, long> _sums = new();

    public Measured()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, this))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => _sums.AddOrUpdate(
            string.Join(' ', [instrument.Name, .. tags.ToArray().Select(tag => tag.Value)]), value, (_, sum) => sum + value));
        _listener.Start();
        Metrics = new PhaseoMetrics(this);
    }

    public PhaseoMetrics Metrics { get; }

    /// <summary>A counter's sum; its tags' values follow its name after blanks.</summary>
    public long this[string counter] => _sums.GetValueOrDefault(counter);

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
}
