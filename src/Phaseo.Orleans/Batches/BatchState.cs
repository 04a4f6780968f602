using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Phaseo.Orleans.Files;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Batches;

/// <summary>
/// The truth of one batch: a row of at most 60 KB. What grows with the batch is folded into sums and files named by
/// the hash of their content. Stored as JSON; a golden file holds its names.
/// </summary>
[GenerateSerializer, Immutable, Alias("batch.state")]
public sealed record BatchState
{
    /// <summary>Rises with every save.</summary>
    [Id(0)] public long Version { get; init; }

    /// <summary>Names the save that wrote this row, so that a lost answer can be told from a conflict.</summary>
    [Id(1)] public string? Operation { get; init; }

    /// <summary>Where the batch stands.</summary>
    [Id(2)] public BatchStatus Status { get; init; }

    /// <summary>How it will end; none until the outcome is set, once.</summary>
    [Id(3)] public BatchStatus Outcome { get; init; }

    /// <summary>Whose it is.</summary>
    [Id(4)] public string Workspace { get; init; } = "";

    /// <summary>What was asked; null only before the first state, and when abandoned.</summary>
    [Id(5)] public BatchSubmission? Submission { get; init; }

    /// <summary>Rows, after validation.</summary>
    [Id(6)] public int Total { get; init; }

    /// <summary>The one model of all rows, or null.</summary>
    [Id(7)] public string? Model { get; init; }

    /// <summary>How many shards the input was cut into.</summary>
    [Id(8)] public int ShardCount { get; init; }

    /// <summary>The file that holds the shard index; null when there is one shard, held in <see cref="OnlyShard"/>.</summary>
    [Id(9)] public string? PlanFile { get; init; }

    /// <summary>The one shard of a small batch.</summary>
    [Id(10)] public ShardSlice? OnlyShard { get; init; }

    /// <summary>The file that holds validation's faults.</summary>
    [Id(11)] public string? FaultsFile { get; init; }

    /// <summary>The first shard that was never chosen.</summary>
    [Id(12)] public int NextShard { get; init; }

    /// <summary>Shards that hold a place.</summary>
    [Id(13)] public ImmutableArray<RunningShard> Running { get; init; } = [];

    /// <summary>Shards that wait without a place.</summary>
    [Id(14)] public ImmutableArray<ParkedShard> Parked { get; init; } = [];

    /// <summary>Parked shards in files.</summary>
    [Id(15)] public ImmutableArray<ParkedSegment> ParkedFiles { get; init; } = [];

    /// <summary>Ends of shards that are not in a file yet.</summary>
    [Id(16)] public ImmutableArray<EndedShard> Ends { get; init; } = [];

    /// <summary>Ends of shards in files.</summary>
    [Id(17)] public ImmutableArray<EndedSegment> EndFiles { get; init; } = [];

    /// <summary>Sum over ended shards.</summary>
    [Id(18)] public ShardTally Ended { get; init; } = ShardTally.Zero;

    /// <summary>The output file's id, allocated with the outcome; shown when terminal and not empty.</summary>
    [Id(19)] public string? OutputFileId { get; init; }

    /// <summary>The error file's id, likewise.</summary>
    [Id(20)] public string? ErrorFileId { get; init; }

    /// <summary>Acts that a terminal batch still owes, in this order.</summary>
    [Id(21)] public ImmutableArray<OutboxAct> Outbox { get; init; } = [];

    /// <summary>When the first row could start.</summary>
    [Id(22)] public DateTimeOffset? InProgressAt { get; init; }

    /// <summary>When the outcome was set, if not by a cancel.</summary>
    [Id(23)] public DateTimeOffset? FinalizingAt { get; init; }

    /// <summary>When the terminal status was reached.</summary>
    [Id(24)] public DateTimeOffset? EndedAt { get; init; }

    /// <summary>When it was asked to stop.</summary>
    [Id(25)] public DateTimeOffset? CancellingAt { get; init; }

    /// <summary>When calls in flight are dropped after a cancel or the deadline.</summary>
    [Id(26)] public DateTimeOffset? CallsEndAt { get; init; }

    /// <summary>The batch's id.</summary>
    [Id(27)] public string Id { get; init; } = "";

    /// <summary>The list of the prices that were in force when it passed validation; null: it was never validated, or by an older build.</summary>
    [Id(28)] public string? Prices { get; init; }

    /// <summary>The window's end; the far future before there is a window.</summary>
    [JsonIgnore]
    public DateTimeOffset ExpiresAt => Submission is { } s ? s.CreatedAt + s.Request.Window : DateTimeOffset.MaxValue;

    /// <summary>Shards whose end is saved.</summary>
    [JsonIgnore]
    public int EndedCount => Ends.Length + EndFiles.Sum(file => file.Count);

    /// <summary>Whether every shard's end is saved.</summary>
    [JsonIgnore]
    public bool AllEnded => ShardCount > 0 && EndedCount == ShardCount;

    /// <summary>Sum over all that shards have reported.</summary>
    [JsonIgnore]
    public ShardTally Tally => Running.Aggregate(ParkedTally, (sum, shard) => sum + shard.Tally);

    private ShardTally ParkedTally =>
        ParkedFiles.Aggregate(Parked.Aggregate(Ended, (sum, shard) => sum + shard.Tally), (sum, file) => sum + file.Tally);
}

/// <summary>A shard that was chosen, and what it last reported.</summary>
[GenerateSerializer, Immutable, Alias("batch.running")]
public sealed record RunningShard(
    [property: Id(0)] int Shard,
    [property: Id(1)] long Epoch,
    [property: Id(2)] long Sequence,
    [property: Id(3)] ShardTally Tally);

/// <summary>A shard whose rows all have to wait.</summary>
[GenerateSerializer, Immutable, Alias("batch.parked")]
public sealed record ParkedShard(
    [property: Id(0)] int Shard,
    [property: Id(1)] long Epoch,
    [property: Id(2)] DateTimeOffset WakeAt,
    [property: Id(3)] ShardTally Tally);

/// <summary>Parked shards in a file.</summary>
[GenerateSerializer, Immutable, Alias("batch.parked-file")]
public sealed record ParkedSegment(
    [property: Id(0)] string File,
    [property: Id(1)] int Count,
    [property: Id(2)] DateTimeOffset WakeAt,
    [property: Id(3)] ShardTally Tally);

/// <summary>A shard that has ended: its staged parts, here or (if there are many) in a file.</summary>
[GenerateSerializer, Immutable, Alias("batch.ended")]
public sealed record EndedShard(
    [property: Id(0)] int Shard,
    [property: Id(1)] ShardParts? Parts,
    [property: Id(2)] string? File);

/// <summary>The staged parts of a shard's three files, in order.</summary>
[GenerateSerializer, Immutable, Alias("batch.parts")]
public sealed record ShardParts(
    [property: Id(0)] ImmutableArray<BlobBlock> Output,
    [property: Id(1)] ImmutableArray<BlobBlock> Errors,
    [property: Id(2)] ImmutableArray<BlobBlock> Rows)
{
    /// <summary>Blocks in all.</summary>
    [JsonIgnore]
    public int Count => Output.Length + Errors.Length + Rows.Length;
}

/// <summary>Ended shards in a file.</summary>
[GenerateSerializer, Immutable, Alias("batch.ended-file")]
public sealed record EndedSegment([property: Id(0)] string File, [property: Id(1)] int Count);

/// <summary>What a terminal batch owes. Stored by name. Each act is idempotent by batch id and acknowledged.</summary>
public enum OutboxAct
{
    /// <summary>Not an act.</summary>
    None = 0,

    /// <summary>Write the index row of the terminal state.</summary>
    Index = 1,

    /// <summary>Release the input file.</summary>
    Reference = 2,

    /// <summary>Remove journals and working files.</summary>
    Journals = 3,
}
