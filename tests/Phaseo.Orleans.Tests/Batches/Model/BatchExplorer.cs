using Phaseo.Orleans.Batches;

namespace Phaseo.Orleans.Tests.Batches.Model;

/// <summary>Visits every world that can be reached, breadth first.</summary>
internal sealed class BatchExplorer(ModelSize size, ApplyRule apply)
{
    private readonly Dictionary<string, int> _numbers = [];
    private readonly List<BatchWorld> _worlds = [];
    private readonly List<(int From, string Move)> _how = [];
    private readonly List<List<int>> _before = [];

    /// <summary>Worlds met.</summary>
    public int Count => _worlds.Count;

    /// <summary>Statuses met.</summary>
    public IEnumerable<BatchStatus> Statuses => _worlds.Select(world => world.Saved.Status).Distinct();

    /// <summary>The first thing that is wrong, and the way there; null: nothing, and the space is closed.</summary>
    /// <param name="limit">Worlds at most; more are a failure.</param>
    public string? FirstFault(int limit)
    {
        var model = new BatchModel(size, apply);
        Add(BatchWorld.Before(size), -1, "");
        for (var at = 0; at < _worlds.Count; at++)
        {
            foreach (var move in model.Moves(_worlds[at]))
            {
                var after = move.Next();
                var broken = BatchInvariants.GavePlace(move.Name, _worlds[at], after)
                    ? "a place was given after the end began"
                    : BatchInvariants.Broken(_worlds[at], after, size);
                if (broken is not null)
                {
                    return $"{broken}: {Way(at)} > {move.Name}";
                }

                Add(after, at, move.Name);
            }

            if (_worlds.Count > limit)
            {
                return $"more than {limit} worlds: the space does not close";
            }
        }

        return FirstStuck();
    }

    private void Add(BatchWorld world, int from, string move)
    {
        var key = world.Key();
        if (!_numbers.TryGetValue(key, out var number))
        {
            number = _worlds.Count;
            _numbers.Add(key, number);
            _worlds.Add(world);
            _how.Add((from, move));
            _before.Add([]);
        }

        if (from >= 0)
        {
            _before[number].Add(from);
        }
    }

    // Backwards from every end: what is not met can never end.
    private string? FirstStuck()
    {
        var ends = new bool[_worlds.Count];
        var queue = new Queue<int>(Enumerable.Range(0, _worlds.Count).Where(world => _worlds[world].Saved is var saved
            && saved.Status.IsTerminal() && BatchSteps.Next(saved) == BatchStep.Forget));
        foreach (var end in queue)
        {
            ends[end] = true;
        }

        while (queue.TryDequeue(out var world))
        {
            foreach (var before in _before[world].Where(before => !ends[before]))
            {
                ends[before] = true;
                queue.Enqueue(before);
            }
        }

        var stuck = Array.IndexOf(ends, false);
        return stuck < 0 ? null : $"no way to an end from {_worlds[stuck].Saved.Status}: {Way(stuck)}";
    }

    private string Way(int world)
    {
        List<string> moves = [];
        for (; world > 0; world = _how[world].From)
        {
            moves.Add(_how[world].Move);
        }

        moves.Reverse();
        return string.Join(" > ", moves);
    }
}
