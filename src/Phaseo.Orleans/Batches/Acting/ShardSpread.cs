namespace Phaseo.Orleans.Batches.Acting;

/// <summary>
/// Says where a shard should go, so that the silos have about as many shards of a batch each. A silo makes only so many
/// calls at once, so one that has few shards finishes them soon and is idle then; with places at random it stays that
/// way, since all silos are as likely to get the next one: three silos together did 2.3 times the work of one.
/// It knows where it sent shards, not where they are: a hint, and a wrong one costs no more than some speed.
/// </summary>
/// <param name="random">Breaks ties, so that the first shards of many batches do not meet on one silo.</param>
internal sealed class ShardSpread(Random random)
{
    private readonly Dictionary<int, SiloAddress> _sentTo = [];

    /// <summary>The silo that has the fewest of the running shards; null: there is none.</summary>
    /// <param name="shard">The shard to send.</param>
    /// <param name="running">The shards that run, the one to send among them or not.</param>
    /// <param name="silos">Where shards may run.</param>
    public SiloAddress? Send(int shard, IEnumerable<int> running, IEnumerable<SiloAddress> silos)
    {
        var loads = silos.ToDictionary(silo => silo, _ => 0);
        foreach (var other in running)
        {
            if (other != shard && _sentTo.TryGetValue(other, out var silo) && loads.TryGetValue(silo, out var load))
            {
                loads[silo] = load + 1;
            }
        }

        if (loads.Count == 0)
        {
            return null;
        }

        var least = loads.Values.Min();
        var free = loads.Keys.Where(silo => loads[silo] == least).ToList();
        return _sentTo[shard] = free[random.Next(free.Count)];
    }

    /// <summary>The shard does not run any more.</summary>
    public void Forget(int shard) => _sentTo.Remove(shard);
}
