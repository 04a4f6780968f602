using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.Chaos.Judging;

/// <summary>All that was broken in one run, and what a promise with a time may be late because of it.</summary>
/// <param name="log">The log of calls, whose clock this is on.</param>
/// <param name="pauses">How late the machine itself was.</param>
internal sealed class Disturbances(CallLog log, MachinePauses pauses)
{
    private readonly List<Disturbance> _all = [];
    private readonly DateTimeOffset _logBegan = TimeProvider.System.GetUtcNow() - log.Now;

    /// <summary>How many hit a silo.</summary>
    public int OfSilos => _all.Count(one => one.Kind != "storage");

    /// <summary>Whether a silo stood still while others went on.</summary>
    public bool WasFrozen => _all.Exists(one => one.Kind == "SIGSTOP");

    /// <summary>Those that took a silo away while another was left to go on.</summary>
    public IEnumerable<Disturbance> Losses => _all.Where(one => one.Gone is not null);

    /// <summary>Notes one that lasts for a while from now on.</summary>
    public void Add(string kind, TimeSpan lasts, TimeSpan recovery, string? gone = null) =>
        _all.Add(new(kind, log.Now, log.Now + lasts, recovery) { Gone = gone });

    /// <summary>What may have been lost between two moments on the log's clock.</summary>
    public TimeSpan Allowance(TimeSpan from, TimeSpan to, Disturbance? except = null) =>
        _all.Where(one => one != except && one.Touches(from, to)).Aggregate(TimeSpan.Zero, (sum, one) => sum + one.Cost)
        + pauses.Between(log.Now - from, log.Now - to);

    /// <summary>How late the machine itself was since a moment on the log's clock.</summary>
    public TimeSpan Pauses(TimeSpan since) => pauses.Between(log.Now - since, TimeSpan.Zero);

    /// <summary>The same between two of a batch's stamps.</summary>
    public TimeSpan Allowance(long from, long to) => Allowance(OnLog(from), OnLog(to + 1));

    private TimeSpan OnLog(long stamp) => DateTimeOffset.FromUnixTimeSeconds(stamp) - _logBegan;
}
