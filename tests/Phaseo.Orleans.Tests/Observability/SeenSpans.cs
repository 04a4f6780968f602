using System.Collections.Concurrent;
using System.Diagnostics;

namespace Phaseo.Orleans.Tests.Observability;

/// <summary>The spans that end in this process while it lives, the web server's and the product's.</summary>
internal sealed class SeenSpans : IDisposable
{
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivityListener _listener;

    public SeenSpans()
    {
        _listener = new()
        {
            ShouldListenTo = source => source.Name is "Microsoft.AspNetCore" or PhaseoTraces.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>The spans of one batch, in the order in which they started; others may run in this process too.</summary>
    public IReadOnlyList<Activity> Of(string batch) =>
        [.. _ended.Where(span => batch.Equals(span.GetTagItem("phaseo.batch.id"))).OrderBy(span => span.StartTimeUtc)];

    /// <summary>The span with this context; null: it has not ended, or never was.</summary>
    public Activity? Find(ActivityTraceId trace, ActivitySpanId span) =>
        _ended.FirstOrDefault(one => one.TraceId == trace && one.SpanId == span);

    public void Dispose() => _listener.Dispose();
}
