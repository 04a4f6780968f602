using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.Chaos.Judging;

/// <summary>
/// How long the work of a silo that was killed or froze lay (I5), from the upstream's log alone: a shard was the silo's if
/// its last call before that was; it goes on with its next call, whoever makes it. A shard without a next call had none to make:
/// whether its batch ended is asked elsewhere.
/// </summary>
internal sealed class TakeoverCheck
{
    private const int RowsInShard = 500;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    // What the dead process had sent may still be read from its sockets.
    private static readonly TimeSpan Echoes = TimeSpan.FromMilliseconds(250);

    private readonly List<(string Batch, int Shard, List<TimedCall> Calls)> _shards = [];
    private readonly Disturbances _disturbances;

    /// <param name="inputs">The input of each batch.</param>
    /// <param name="calls">The calls of the run.</param>
    /// <param name="disturbances">What was broken.</param>
    public TakeoverCheck(IEnumerable<(string Batch, InputRows Rows)> inputs, IEnumerable<TimedCall> calls, Disturbances disturbances)
    {
        _disturbances = disturbances;
        var byBody = calls.OrderBy(call => call.Arrived).ToLookup(call => call.Call.Body);
        foreach (var (batch, rows) in inputs)
        {
            _shards.AddRange(Enumerable.Range(0, rows.Count)
                .GroupBy(row => row / RowsInShard)
                .Select(shard => (batch, shard.Key, shard.SelectMany(row => byBody[rows.Body(row)]).OrderBy(call => call.Arrived).ToList())));
        }
    }

    /// <summary>How long each shard lay until another silo went on with it, and those that lay for too long.</summary>
    public (IReadOnlyList<TimeSpan> Waits, IReadOnlyList<Violation> Late) Run()
    {
        List<TimeSpan> waits = [];
        List<Violation> late = [];
        foreach (var loss in _disturbances.Losses)
        {
            foreach (var (batch, shard, calls) in _shards)
            {
                if (calls.LastOrDefault(call => call.Arrived <= loss.At).Caller != loss.Gone
                    || calls.FindIndex(call => call.Arrived > loss.At + Echoes) is not (>= 0 and var next))
                {
                    continue;
                }

                var wait = calls[next].Arrived - loss.At;
                if (calls[next].Caller != loss.Gone)
                {
                    waits.Add(wait);
                }

                if (!_disturbances.IsInTime(loss.At, calls[next].Arrived, Limit, after: TimeSpan.Zero, except: loss))
                {
                    late.Add(new("I5", batch, $"Shard {shard} of a silo that had got {loss.Kind} went on after {wait.TotalSeconds:0.0} s."));
                }
            }
        }

        return (waits, late);
    }
}
