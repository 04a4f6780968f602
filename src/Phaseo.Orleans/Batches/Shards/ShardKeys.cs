using System.Globalization;

namespace Phaseo.Orleans.Batches.Shards;

/// <summary>Keys of shard grains: <c>{batch}:{shard}</c>.</summary>
internal static class ShardKeys
{
    /// <summary>The key of one shard.</summary>
    public static string Of(string batch, int shard) => string.Create(CultureInfo.InvariantCulture, $"{batch}:{shard}");
}
