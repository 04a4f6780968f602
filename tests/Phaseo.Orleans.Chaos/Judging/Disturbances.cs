using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.Chaos.Judging;

/// <summary>All that was broken in one run, and what a promise with a time may be late because of it.</summary>
/// <param name="log">The log of calls, whose clock this is on.</param>
/// <param name="pauses">How late the machine itself was.</param>
internal sealed class Disturbances(CallLog log, MachinePauses pauses)
{
    private static readonly TimeSpan Rounding = TimeSpan.FromSeconds(2);

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

    /// <summary>Whether something took no longer than was promised, both moments on the log's clock.</summary>
    /// <param name="from">When it began.</param>
    /// <param name="to">When it was done.</param>
    /// <param name="within">The promise, if nothing else breaks.</param>
    /// <param name="after">The promise from when all has got over what broke meanwhile.</param>
    /// <param name="except">What it is about, which gives no more time than that.</param>
    public bool IsInTime(TimeSpan from, TimeSpan to, TimeSpan within, TimeSpan after, Disturbance? except = null)
    {
        var over = _all.Where(one => one != except && one.At <= to && one.OverAt >= from).Select(one => one.OverAt + after).DefaultIfEmpty().Max();
        var latest = over > from + within ? over : from + within;
        return to <= latest + pauses.Between(log.Now - from, log.Now - to);
    }

    /// <summary>The same of two of a batch's stamps, which are whole seconds.</summary>
    public bool IsInTime(long from, long to, TimeSpan within) => IsInTime(OnLog(from), OnLog(to), within + Rounding, within + Rounding);

    /// <summary>How late the machine itself was since a moment on the log's clock.</summary>
    public TimeSpan Pauses(TimeSpan since) => pauses.Between(log.Now - since, TimeSpan.Zero);

    private TimeSpan OnLog(long stamp) => DateTimeOffset.FromUnixTimeSeconds(stamp) - _logBegan;
}
