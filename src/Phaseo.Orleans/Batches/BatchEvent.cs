using System.Collections.Immutable;
using Phaseo.Orleans.Files;

namespace Phaseo.Orleans.Batches;

/// <summary>What can happen to a batch. Past tense, with the time where it matters; nothing else changes a state.</summary>
internal abstract record BatchEvent
{
    private BatchEvent()
    {
    }

    /// <summary>A create got this far.</summary>
    internal sealed record Submitted(string Id, BatchSubmission Submission) : BatchEvent;

    /// <summary>A create was given up before it had a state.</summary>
    internal sealed record Abandoned(string Workspace, DateTimeOffset At) : BatchEvent;

    /// <summary>The input is good.</summary>
    internal sealed record Validated(int Rows, string? Model, int Shards, string? PlanFile, ShardSlice? OnlyShard, DateTimeOffset At)
        : BatchEvent
    {
        /// <summary>The price list that is in force.</summary>
        public string? Prices { get; init; }
    }

    /// <summary>The input is refused.</summary>
    internal sealed record ValidationFailed(string FaultsFile, DateTimeOffset At) : BatchEvent;

    /// <summary>The client asked to stop.</summary>
    /// <param name="At">When.</param>
    /// <param name="CallsEndAt">Until when calls in flight may go on.</param>
    internal sealed record CancelRequested(DateTimeOffset At, DateTimeOffset CallsEndAt) : BatchEvent;

    /// <summary>The window ended.</summary>
    internal sealed record DeadlinePassed(DateTimeOffset At, DateTimeOffset CallsEndAt) : BatchEvent;

    /// <summary>Shards that were never chosen get a place; their journals exist.</summary>
    /// <param name="First">The first of them: the first one that was never chosen.</param>
    /// <param name="Count">How many.</param>
    internal sealed record ShardsChosen(int First, int Count) : BatchEvent;

    /// <summary>Parked shards get a place again.</summary>
    internal sealed record ShardsWoken(ImmutableArray<int> Shards) : BatchEvent;

    /// <summary>A running shard gets a new epoch: whoever runs it now will be fenced.</summary>
    internal sealed record EpochRaised(int Shard) : BatchEvent;

    /// <summary>A shard told its figures.</summary>
    internal sealed record ShardReported(int Shard, long Epoch, long Sequence, ShardTally Tally) : BatchEvent;

    /// <summary>A shard gave up its place until <paramref name="WakeAt"/>.</summary>
    internal sealed record ShardParked(int Shard, long Epoch, ShardTally Tally, DateTimeOffset WakeAt) : BatchEvent;

    /// <summary>A shard's parts are staged.</summary>
    internal sealed record ShardEnded(EndedShard End, ShardTally Tally, DateTimeOffset At) : BatchEvent;

    /// <summary>Ends were put into a file, which also holds all that the replaced files held.</summary>
    internal sealed record EndsFolded(ImmutableArray<int> Shards, ImmutableArray<string> Replaced, string File) : BatchEvent;

    /// <summary>Parked shards were put into a file, which also holds all that the replaced files held.</summary>
    internal sealed record ParkedFolded(ImmutableArray<int> Shards, ImmutableArray<string> Replaced, ParkedSegment Segment) : BatchEvent;

    /// <summary>Parked shards were taken out of a file; what it still had is in <paramref name="Rest"/>.</summary>
    internal sealed record ParkedUnfolded(string File, ImmutableArray<ParkedShard> Shards, ParkedSegment? Rest) : BatchEvent;

    /// <summary>The files are complete and recorded.</summary>
    internal sealed record FilesCompleted(DateTimeOffset At) : BatchEvent;

    /// <summary>All acts that were owed are done.</summary>
    internal sealed record OutboxEmptied : BatchEvent;
}
