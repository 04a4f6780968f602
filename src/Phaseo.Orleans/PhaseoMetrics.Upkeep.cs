using System.Diagnostics.Metrics;
using Phaseo.Orleans.Batches;

namespace Phaseo.Orleans;

/// <content>What goes on in the background: storage, reminders, the driver, and what it puts right.</content>
public sealed partial class PhaseoMetrics
{
    // OpenTelemetry's own name: there only when something failed.
    private const string ErrorTag = "error.type";

    private readonly Counter<long> _repairs =
        meter.CreateCounter<long>("phaseo.repairs", "{repair}", "Things put right that a fault had left.");

    private readonly Counter<long> _drives =
        meter.CreateCounter<long>("phaseo.driver.drives", "{batch}", "Batches that the driver woke.");

    private readonly Histogram<double> _passes =
        meter.CreateHistogram("phaseo.driver.pass.duration", "s", "Looks of the driver at what is open or left over.", advice: Fast);

    private readonly Histogram<double> _lateness =
        meter.CreateHistogram("phaseo.reminder.lateness", "s", "Between the time that a batch's reminder was due and its coming.", advice: Slow);

    private readonly Histogram<double> _operations =
        meter.CreateHistogram("phaseo.storage.operation.duration", "s", "Acts of storage.", advice: Fast);

    /// <summary>
    /// Shows at 0 what should stay there: a counter that appears with its first event has not risen, and no alert would
    /// fire. Once whoever collects is listening.
    /// </summary>
    public void Begin()
    {
        foreach (var stage in (string[])["start", "append"])
        {
            _fenced.Add(0, Tag("phaseo.fence.stage", stage));
        }

        foreach (var start in (string[])["first", "resumed", "taken_over"])
        {
            _starts.Add(0, Tag("phaseo.shard.start", start));
        }

        foreach (var kind in (string[])["create", "index", "reference"])
        {
            _repairs.Add(0, Tag("phaseo.repair.kind", kind));
        }

        foreach (var status in Enum.GetValues<BatchStatus>().Where(status => status is not (BatchStatus.None or BatchStatus.Abandoned)))
        {
            _changes.Add(0, Tag(StatusTag, status.ToWire()));
        }
    }

    /// <summary>Something was put right: 0 without faults.</summary>
    public void Repaired(string kind) => _repairs.Add(1, Tag("phaseo.repair.kind", kind));

    /// <summary>The driver woke a batch: <c>start</c>, a silo has started; <c>members</c>, silos came or went; <c>stale</c>, its heart had stopped.</summary>
    public void BatchDriven(string reason) => _drives.Add(1, Tag("phaseo.drive.reason", reason));

    /// <summary>A pass ended, or failed with <paramref name="error"/>.</summary>
    public void DriverPassed(string pass, TimeSpan duration, string? error) => Record(_passes, duration, Tag("phaseo.driver.pass", pass), error);

    /// <summary>A reminder came.</summary>
    public void ReminderCame(TimeSpan lateness) => _lateness.Record(lateness.TotalSeconds);

    /// <summary>Storage answered, or failed with <paramref name="error"/>.</summary>
    public void StorageUsed(string operation, TimeSpan duration, string? error) =>
        Record(_operations, duration, Tag("phaseo.storage.operation", operation), error);

    private static void Record(Histogram<double> histogram, TimeSpan duration, KeyValuePair<string, object?> tag, string? error)
    {
        if (error is null)
        {
            histogram.Record(duration.TotalSeconds, tag);
        }
        else
        {
            histogram.Record(duration.TotalSeconds, tag, Tag(ErrorTag, error));
        }
    }
}
