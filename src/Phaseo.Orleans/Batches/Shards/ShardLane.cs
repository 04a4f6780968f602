namespace Phaseo.Orleans.Batches.Shards;

/// <summary>The rows of a shard that want one provider next. A slow provider holds up its own lane only.</summary>
internal sealed class ShardLane(string provider)
{
    /// <summary>The provider.</summary>
    public string Provider => provider;

    /// <summary>Rows that may start.</summary>
    public Queue<RowWork> Ready { get; } = new();

    /// <summary>Calls that run.</summary>
    public int InFlight { get; set; }

    /// <summary>Whether the lane waits for the limiter.</summary>
    public bool IsClaiming { get; set; }
}
