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

/// <summary>When the upstream had a call.</summary>
/// <param name="Call">The call.</param>
/// <param name="Caller">Who made it: the first part of its path where <c>base_url</c> has one before <c>/v1</c>; else empty.</param>
/// <param name="Arrived">Since the log began.</param>
/// <param name="Ended">Since the log began: its answer was written or its client had gone; null while it runs.</param>
public readonly record struct TimedCall(LoggedCall Call, string Caller, TimeSpan Arrived, TimeSpan? Ended);

/// <summary>
/// Every call that reached an upstream, answered or not: the oracle's witness. Upstreams of one run share one log, so
/// that serials order all calls. Holds them in memory: meant for some million calls.
/// </summary>
public sealed class CallLog(TimeProvider time)
{
    private readonly ConcurrentQueue<Entry> _calls = new();
    private readonly ConcurrentDictionary<long, Entry> _running = new();
    private readonly long _start = time.GetTimestamp();
    private long _serial;

    public CallLog()
        : this(TimeProvider.System)
    {
    }

    /// <summary>The calls so far.</summary>
    public IReadOnlyCollection<LoggedCall> Calls => [.. _calls.Select(entry => entry.Call)];

    /// <summary>How many calls came so far.</summary>
    public int Count => _calls.Count;

    /// <summary>The calls so far, about in the order of their arrival, with their times.</summary>
    public IReadOnlyList<TimedCall> Timed => [.. _calls.Select(entry => new TimedCall(entry.Call, entry.Caller, entry.Arrived, entry.Ended))];

    /// <summary>The time on the log's clock.</summary>
    public TimeSpan Now => time.GetElapsedTime(_start);

    /// <summary>Notes an arrival; its serial.</summary>
    public long Add(string rowId, int attempt, ulong body, EchoFault fault, string caller = "")
    {
        var serial = Interlocked.Increment(ref _serial);
        var entry = new Entry(new LoggedCall(serial, rowId, attempt, body, fault), caller, Now);
        _calls.Enqueue(entry);
        _running[serial] = entry;
        return serial;
    }

    /// <summary>Notes that a call's answer is written, or that its client has gone.</summary>
    public void End(long serial)
    {
        if (_running.TryRemove(serial, out var entry))
        {
            entry.Ended = Now;
        }
    }

    /// <summary>Writes one line a call: serial, attempt, fault, body hash, row id, parted by spaces.</summary>
    public async Task SaveAsync(string path, CancellationToken cancellation)
    {
        await using var writer = new StreamWriter(path) { NewLine = "\n" };
        foreach (var call in Calls)
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

    private sealed class Entry(LoggedCall call, string caller, TimeSpan arrived)
    {
        public LoggedCall Call => call;

        public string Caller => caller;

        public TimeSpan Arrived => arrived;

        public TimeSpan? Ended { get; set; }
    }
}
