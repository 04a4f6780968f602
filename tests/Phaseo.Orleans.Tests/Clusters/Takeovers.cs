using System.Globalization;
using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.Tests.Clusters;

/// <summary>A silo's end.</summary>
/// <param name="Silo">The silo, as its calls name it.</param>
/// <param name="At">When its process was gone, on the clock of the log of calls.</param>
internal readonly record struct Kill(string Silo, TimeSpan At);

/// <summary>How the work of a killed silo went on.</summary>
/// <param name="Kill">The kill.</param>
/// <param name="Calls">Calls that had come before.</param>
/// <param name="Shards">Shards that the silo was working on and that had calls afterwards.</param>
/// <param name="First">From the kill to the first call for one of them; null: there was none.</param>
/// <param name="Last">From the kill until each of them had a call.</param>
internal readonly record struct Takeover(Kill Kill, int Calls, int Shards, TimeSpan? First, TimeSpan? Last);

/// <summary>
/// Reads from the upstream's log alone how long the rows of a killed silo's shards waited. A shard was the silo's if its
/// last call before the kill was; it goes on with its next call, whoever makes it.
/// </summary>
internal static class Takeovers
{
    private const int RowsInShard = 500;

    // What the dead process had sent may still be read from its sockets.
    private static readonly TimeSpan Echoes = TimeSpan.FromMilliseconds(250);

    /// <summary>One for each kill, in order.</summary>
    public static IReadOnlyList<Takeover> Of(IEnumerable<Kill> kills, IReadOnlyList<TimedCall> calls, InputRows input)
    {
        var shards = Enumerable.Range(0, input.Count).ToDictionary(input.Body, row => row / RowsInShard);
        var byShard = calls.OrderBy(call => call.Arrived).ToLookup(call => shards[call.Call.Body]);
        return [.. kills.Select(kill => Of(kill, calls, byShard))];
    }

    /// <summary>A table of them.</summary>
    public static string ToMarkdown(IReadOnlyList<Takeover> takeovers)
    {
        var lines = takeovers.Select((takeover, i) => string.Create(
            CultureInfo.InvariantCulture,
            $"| {i + 1} | {takeover.Kill.Silo} | {takeover.Calls:N0} | {takeover.Shards} | {Seconds(takeover.First)} | {Seconds(takeover.Last)} |"));
        return string.Join('\n', lines.Prepend("| --- | --- | ---: | ---: | ---: | ---: |").Prepend(
            "| kill | silo | calls before | shards it had | first of them goes on after s | all of them after s |"));
    }

    private static Takeover Of(Kill kill, IReadOnlyList<TimedCall> calls, ILookup<int, TimedCall> byShard)
    {
        var waits = byShard
            .Where(shard => shard.LastOrDefault(call => call.Arrived <= kill.At).Caller == kill.Silo)
            .Select(shard => shard.Where(call => call.Arrived > kill.At + Echoes).Select(call => call.Arrived - kill.At).ToList())
            .Where(later => later.Count > 0)
            .Select(later => later[0])
            .Order()
            .ToList();
        return new(
            kill,
            calls.Count(call => call.Arrived <= kill.At),
            waits.Count,
            waits.Count > 0 ? waits[0] : null,
            waits.Count > 0 ? waits[^1] : null);
    }

    private static string Seconds(TimeSpan? wait) => wait?.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) ?? "–";
}
