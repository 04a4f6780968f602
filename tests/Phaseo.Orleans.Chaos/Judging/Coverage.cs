using System.Collections.Concurrent;

namespace Phaseo.Orleans.Chaos.Judging;

/// <summary>What has really happened over all seeds, counted: a run that tried too little proves nothing.</summary>
internal sealed class Coverage
{
    private static readonly string[] Points =
        ["K1", "K2a", "K2b", "K2c", "K2d", "K2e", "K3", "K4", "K5", "K6", "K7", "K8", "K9", "K10", "K11", "K12", "K14"];

    private static readonly string[] Statuses = ["validating", "in_progress", "finalizing", "cancelling"];

    private static readonly string[] Faults = ["SIGKILL", "SIGTERM", "SIGSTOP"];

    private static readonly string[] UpstreamFaults =
        ["Error", "Overload", "Throttle", "ThrottleFor", "Reset", "Truncate", "Refuse", "Hang"];

    private static readonly string[] StorageFaults = ["refused", "slow", "lost", "late", "repeated", "conflict"];

    private static readonly string[] OfClusters =
    [
        .. StorageFaults.Select(fault => $"storage {fault}"),
        "fault all workers gone", "happened fenced append", "happened work of a lost silo went on",
    ];

    private readonly ConcurrentDictionary<string, int> _counts = new();

    /// <summary>All that happened, in the order of its names.</summary>
    public IReadOnlyDictionary<string, int> Counts => new SortedDictionary<string, int>(_counts, StringComparer.Ordinal);

    /// <summary>Notes that something happened.</summary>
    public void Add(string kind, string what, int times = 1)
    {
        if (times > 0)
        {
            _counts.AddOrUpdate($"{kind} {what}", times, (_, before) => before + times);
        }
    }

    /// <summary>Adds what another run saw.</summary>
    public void Add(IReadOnlyDictionary<string, int> other)
    {
        foreach (var (name, count) in other)
        {
            _counts.AddOrUpdate(name, count, (_, before) => before + count);
        }
    }

    /// <summary>What must happen in a long run and did not.</summary>
    /// <param name="clusters">Whether there were silos on a storage account.</param>
    public IEnumerable<string> Missing(bool clusters)
    {
        IEnumerable<string> wanted =
        [
            .. Points.Select(point => $"point {point}"),
            .. Statuses.Select(status => $"killed while {status}"),
            .. Faults.Select(fault => $"fault {fault}"),
            .. UpstreamFaults.Select(fault => $"upstream {fault}"),
            "happened takeover", "happened repair",
            .. clusters ? OfClusters : [],
        ];
        return wanted.Where(name => !_counts.ContainsKey(name));
    }
}
