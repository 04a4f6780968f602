using System.Globalization;

namespace Phaseo.Orleans.Batches.Shards;

/// <summary>
/// Keys of shard grains: <c>{batch}:{shard}:{epoch}</c>. An epoch is a grain of its own, so that a new one never waits
/// behind an activation that stands still.
/// </summary>
internal static class ShardKeys
{
    /// <summary>The key of one shard under one epoch.</summary>
    public static string Of(string batch, int shard, long epoch) =>
        string.Create(CultureInfo.InvariantCulture, $"{batch}:{shard}:{epoch}");
}
