using System.Collections.Immutable;
using Phaseo.Orleans.Billing;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Batches;

/// <summary>
/// What a shard says of itself, folded from its journal: absolute figures, never a difference, so that a repeated,
/// lost or late report does no harm. Ordered by (epoch, sequence).
/// </summary>
[GenerateSerializer, Immutable, Alias("shard.report")]
public sealed record ShardReport
{
    /// <summary>Which shard.</summary>
    [Id(0)] public required int Shard { get; init; }

    /// <summary>Under which epoch it runs.</summary>
    [Id(1)] public required long Epoch { get; init; }

    /// <summary>Rises with every report of one epoch.</summary>
    [Id(2)] public required long Sequence { get; init; }

    /// <summary>Rows, usage and cost so far.</summary>
    [Id(3)] public required ShardTally Tally { get; init; }

    /// <summary>Not null: the shard has parked, and wants to be woken then.</summary>
    [Id(4)] public DateTimeOffset? ParkedUntil { get; init; }

    /// <summary>Not null: the shard has ended and its parts are staged.</summary>
    [Id(5)] public ShardEnd? End { get; init; }

    /// <summary>The shard has stopped because its silo stops: all that it did is recorded, the rest is for another silo.</summary>
    [Id(6)] public bool IsHandedBack { get; init; }
}

/// <summary>A shard's figures.</summary>
[GenerateSerializer, Immutable, Alias("shard.tally")]
public sealed record ShardTally
{
    /// <summary>Nothing yet.</summary>
    public static readonly ShardTally Zero = new();

    /// <summary>Rows answered 2xx.</summary>
    [Id(0)] public int Completed { get; init; }

    /// <summary>Rows that ended otherwise.</summary>
    [Id(1)] public int Failed { get; init; }

    /// <summary>Sum over rows.</summary>
    [Id(2)] public Meters Usage { get; init; }

    /// <summary>Sum over rows, nano-dollars.</summary>
    [Id(3)] public long CostNanos { get; init; }

    /// <summary>Rows answered 2xx by provider.</summary>
    [Id(4)] public ImmutableSortedDictionary<string, int> Providers { get; init; } = ImmutableSortedDictionary<string, int>.Empty;

    /// <summary>The same figures with only the providers that served most: states are small.</summary>
    public ShardTally Abridged(int providers) => Providers.Count <= providers ? this : this with
    {
        Providers = Providers.OrderByDescending(entry => entry.Value).Take(providers).ToImmutableSortedDictionary(),
    };

    /// <summary>Adds figure by figure.</summary>
    public static ShardTally operator +(ShardTally left, ShardTally right)
    {
        var providers = left.Providers;
        foreach (var (provider, rows) in right.Providers)
        {
            providers = providers.SetItem(provider, providers.GetValueOrDefault(provider) + rows);
        }

        return new()
        {
            Completed = left.Completed + right.Completed,
            Failed = left.Failed + right.Failed,
            Usage = left.Usage + right.Usage,
            CostNanos = left.CostNanos + right.CostNanos,
            Providers = providers,
        };
    }
}

/// <summary>The staged parts of a finished shard, in order: a pure function of its journal and the input.</summary>
[GenerateSerializer, Immutable, Alias("shard.end")]
public sealed record ShardEnd
{
    /// <summary>Parts of the output file.</summary>
    [Id(0)] public ImmutableArray<BlobBlock> Output { get; init; } = [];

    /// <summary>Parts of the error file.</summary>
    [Id(1)] public ImmutableArray<BlobBlock> Errors { get; init; } = [];

    /// <summary>Parts of the row table.</summary>
    [Id(2)] public ImmutableArray<BlobBlock> Rows { get; init; } = [];

    /// <summary>Final figures: completed + failed = the shard's rows.</summary>
    [Id(3)] public ShardTally Tally { get; init; } = ShardTally.Zero;
}
