using Orleans.Concurrency;
using Phaseo.Orleans.Batches.Journals;
using Phaseo.Orleans.Files;
using Phaseo.Orleans.Routing;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Batches.Shards;

/// <summary>
/// Sends the rows of one shard under one epoch. Owns nothing but the shard's journal, and that only until somebody
/// fences it with a higher epoch. Key: <c>{batch}:{shard}:{epoch}</c>.
/// </summary>
[GrainInterfaceType("shard"), Alias("shard")]
public interface IShardGrain : IGrainWithStringKey
{
    /// <summary>
    /// Takes the journal over under the order's epoch and goes on with what it lacks. Answers at once: running, or, on a
    /// silo that calls no provider or is about to stop, elsewhere; then nothing was done, and the same order may be given
    /// again to another activation.
    /// </summary>
    [Alias("start")]
    Task<ShardAnswer> StartAsync(ShardOrder order);

    /// <summary>
    /// Keeps the shard alive and tells it how many calls it may make at once. An activation that was not started with
    /// this epoch does nothing and says so.
    /// </summary>
    [Alias("ensure-running"), AlwaysInterleave]
    Task<ShardAnswer> EnsureRunningAsync(long epoch, int calls);

    /// <summary>Starts no further row, gives calls in flight <paramref name="grace"/>, then seals and stages.</summary>
    [Alias("stop"), AlwaysInterleave]
    Task<ShardAnswer> StopAsync(long epoch, ShardOutcome outcome, TimeSpan grace);
}

/// <summary>What a shard answers.</summary>
public enum ShardAnswer
{
    /// <summary>It runs under this epoch.</summary>
    Running = 1,

    /// <summary>It was not started under this epoch: raise it, save it, start again.</summary>
    NotRunning = 2,

    /// <summary>It cannot run on the silo where it was placed: start it again, it will be placed anew.</summary>
    Elsewhere = 3,
}

/// <summary>Everything that a shard has to know.</summary>
[GenerateSerializer, Immutable, Alias("shard.order")]
public sealed record ShardOrder
{
    /// <summary>Whose batch it is.</summary>
    [Id(0)] public required string Workspace { get; init; }

    /// <summary>The batch.</summary>
    [Id(1)] public required string Batch { get; init; }

    /// <summary>Which shard, from 0.</summary>
    [Id(2)] public required int Shard { get; init; }

    /// <summary>The epoch to write under.</summary>
    [Id(3)] public required long Epoch { get; init; }

    /// <summary>Its part of the input.</summary>
    [Id(4)] public required ShardSlice Slice { get; init; }

    /// <summary>The input's blob.</summary>
    [Id(5)] public required string InputBlob { get; init; }

    /// <summary>The endpoint of all rows.</summary>
    [Id(6)] public required string Endpoint { get; init; }

    /// <summary>The batch's routing policy.</summary>
    [Id(7)] public required ProviderPolicy Policy { get; init; }

    /// <summary>Calls at once.</summary>
    [Id(8)] public required int Calls { get; init; }

    /// <summary>Time left to the batch's deadline, by the batch's clock: no row starts after it.</summary>
    [Id(9)] public required TimeSpan Remaining { get; init; }

    /// <summary>The price list that rows are billed by; null: today's prices.</summary>
    [Id(10)] public string? Prices { get; init; }

    /// <summary>The context of the span that created the batch, W3C form; null: not traced.</summary>
    [Id(11)] public string? TraceParent { get; init; }

    /// <summary>The client's session; null: not set.</summary>
    [Id(12)] public string? Session { get; init; }

    /// <summary>The shard's journal.</summary>
    public JournalId Journal => new(Workspace, Batch, Shard);
}
