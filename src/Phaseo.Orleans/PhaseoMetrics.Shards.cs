using System.Diagnostics.Metrics;
using Phaseo.Orleans.Batches.Journals;

namespace Phaseo.Orleans;

/// <content>Shards and their journals.</content>
public sealed partial class PhaseoMetrics
{
    private readonly Counter<long> _appends = meter.CreateCounter<long>("phaseo.journal.appends", "{append}", "Journal flushes.");

    private readonly Counter<long> _fenced =
        meter.CreateCounter<long>("phaseo.journal.fenced", "{writer}", "Writers that found another in charge.");

    private readonly Counter<long> _starts =
        meter.CreateCounter<long>("phaseo.shard.starts", "{shard}", "Shards that began to run.");

    private readonly Counter<long> _parked =
        meter.CreateCounter<long>("phaseo.shard.parked", "{shard}", "Shards that gave up their place to wait.");

    /// <summary>A flush is in.</summary>
    public void Appended() => _appends.Add(1);

    /// <summary>A writer found that it is not in charge: <c>start</c>, before it could begin; <c>append</c>, while it ran.</summary>
    public void FencedOut(string stage) => _fenced.Add(1, Tag("phaseo.fence.stage", stage));

    /// <summary>A shard started: for the first time, after a pause, or because the writer before it was gone.</summary>
    internal void ShardStarted(LedgerStart start) => _starts.Add(1, Tag("phaseo.shard.start", start switch
    {
        LedgerStart.None or LedgerStart.First => "first",
        LedgerStart.Resumed => "resumed",
        LedgerStart.TakenOver => "taken_over",
    }));

    /// <summary>A shard parked.</summary>
    public void ShardParked() => _parked.Add(1);
}
