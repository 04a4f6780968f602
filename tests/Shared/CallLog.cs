using System.Collections.Concurrent;
using System.Globalization;

namespace Phaseo.Orleans.Testing;

/// <summary>One call as the upstream saw it arrive.</summary>
/// <param name="Serial">Counts calls in the order of their arrival, from 1. The answer repeats it as <c>call</c>.</param>
/// <param name="RowId">The <c>Idempotency-Key</c>: the row's <c>batch_req_…</c>; empty when none was sent.</param>
/// <param name="Attempt"><c>x-phaseo-attempt</c>; 0 when none was sent.</param>
/// <param name="Body">The body's hash.</param>
/// <param name="Fault">What the upstream did to it.</param>
public readonly record struct LoggedCall(long Serial, string RowId, int Attempt, ulong Body, EchoFault Fault);

/// <summary>
/// Every call that reached an upstream, answered or not: the oracle's witness. Upstreams of one run share one log, so
/// that serials order all calls. Holds them in memory: meant for some million calls.
/// </summary>
public sealed class CallLog
{
    private readonly ConcurrentQueue<LoggedCall> _calls = new();
    private long _serial;

    /// <summary>The calls so far.</summary>
    public IReadOnlyCollection<LoggedCall> Calls => _calls;

    /// <summary>Notes an arrival; its serial.</summary>
    public long Add(string rowId, int attempt, ulong body, EchoFault fault)
    {
        var serial = Interlocked.Increment(ref _serial);
        _calls.Enqueue(new LoggedCall(serial, rowId, attempt, body, fault));
        return serial;
    }

    /// <summary>Writes one line a call: serial, attempt, fault, body hash, row id, parted by spaces.</summary>
    public async Task SaveAsync(string path, CancellationToken cancellation)
    {
        await using var writer = new StreamWriter(path) { NewLine = "\n" };
        foreach (var call in _calls)
        {
            var line = string.Create(
                CultureInfo.InvariantCulture, $"{call.Serial} {call.Attempt} {call.Fault} {call.Body:x16} {call.RowId}");
            await writer.WriteLineAsync(line.AsMemory(), cancellation);
        }
    }

    /// <summary>Reads what <see cref="SaveAsync"/> wrote.</summary>
    public static async Task<IReadOnlyList<LoggedCall>> LoadAsync(string path, CancellationToken cancellation)
    {
        var calls = new List<LoggedCall>();
        await foreach (var line in File.ReadLinesAsync(path, cancellation))
        {
            var parts = line.Split(' ', 5);
            calls.Add(new LoggedCall(
                long.Parse(parts[0], CultureInfo.InvariantCulture),
                parts[4],
                int.Parse(parts[1], CultureInfo.InvariantCulture),
                ulong.Parse(parts[3], NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                Enum.Parse<EchoFault>(parts[2])));
        }

        return calls;
    }
}
