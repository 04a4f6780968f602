using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Files;

namespace Phaseo.Orleans.Tests.Batches;

/// <summary>
/// States to start from. A batch under way has five shards of one row: 0 runs (epoch 2, sequence 5), 1 is parked,
/// 2 has ended, 3 waits in a file, 4 was never chosen.
/// </summary>
internal static class BatchScenes
{
    public const string Id = "batch_01jdfxk3w80000000000000000";
    public const int ShardCount = 5;
    public const string WaitingFile = "ws/waiting";

    public static readonly DateTimeOffset Start = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    public static readonly BatchSubmission Submission = new()
    {
        Workspace = "ws",
        InputBlob = "ws/files/file-1",
        RequestId = "req_1",
        CreatedAt = Start,
        Request = new()
        {
            InputFileId = "file-1",
            Endpoint = "/v1/chat/completions",
            CompletionWindow = "24h",
            Window = TimeSpan.FromHours(24),
        },
    };

    public static BatchState Validating => Told(new(), new BatchEvent.Submitted(Id, Submission));

    public static BatchState InProgress => Told(
        Validating,
        new BatchEvent.Validated(ShardCount, "sim/echo", ShardCount, "ws/plan", null, At(1)),
        new BatchEvent.ShardsChosen(0, 4),
        new BatchEvent.EpochRaised(0),
        new BatchEvent.ShardReported(0, 2, 5, ShardTally.Zero),
        new BatchEvent.ShardParked(3, 1, ShardTally.Zero, At(90)),
        new BatchEvent.ParkedFolded([3], [], new(WaitingFile, 1, At(90), ShardTally.Zero)),
        new BatchEvent.ShardParked(1, 1, ShardTally.Zero, At(90)),
        Ended(2, At(2)));

    /// <summary>The same batch when only shard 0 has not ended.</summary>
    public static BatchState InProgressLast => Told(
        InProgress,
        new BatchEvent.ParkedUnfolded(WaitingFile, [new(3, 1, At(90), ShardTally.Zero)], null),
        new BatchEvent.ShardsWoken([1, 3]),
        new BatchEvent.ShardsChosen(4, 1),
        Ended(1, At(3)),
        Ended(3, At(3)),
        Ended(4, At(3)));

    public static BatchState Of(string scene) => scene switch
    {
        "None" => new(),
        "Validating" => Validating,
        "InProgress" => InProgress,
        "InProgressLast" => InProgressLast,
        "Cancelling" => Told(InProgress, Cancel),
        "CancellingLast" => Told(InProgressLast, Cancel),
        "CancellingAll" => Told(InProgressLast, Cancel, Ended(0, At(5))),
        "Finalizing" => Told(InProgress, Deadline),
        "FinalizingLast" => Told(InProgressLast, Deadline),
        "FinalizingLate" => Told(InProgressLast, Deadline, Ended(0, At(5))),
        "FinalizingAll" => Told(InProgressLast, Ended(0, At(5))),
        "Completed" => Told(Of("FinalizingAll"), FilesDone),
        "CompletedTold" => Told(Of("Completed"), new BatchEvent.OutboxEmptied()),
        "Failed" => Told(Validating, new BatchEvent.ValidationFailed("ws/faults", At(1))),
        "Expired" => Told(Of("FinalizingLate"), FilesDone),
        "Cancelled" => Told(Of("CancellingAll"), FilesDone),
        "Abandoned" => Told(new(), new BatchEvent.Abandoned("ws", At(1))),
        _ => throw new ArgumentOutOfRangeException(nameof(scene), scene, "No such scene."),
    };

    public static BatchEvent Cancel => new BatchEvent.CancelRequested(At(4), At(49));

    public static BatchEvent Deadline => new BatchEvent.DeadlinePassed(At(4), At(6));

    public static BatchEvent FilesDone => new BatchEvent.FilesCompleted(At(7));

    public static ShardSlice OneSlice => new(0, 100, 0, 1, 1);

    public static ShardTally Rows(int completed, int failed = 0) => new() { Completed = completed, Failed = failed };

    public static BatchEvent Ended(int shard, DateTimeOffset at) =>
        new BatchEvent.ShardEnded(new(shard, new([], [], []), null), Rows(1), at);

    public static DateTimeOffset At(int seconds) => Start.AddSeconds(seconds);

    /// <summary>Tells the batch one thing after the other; each of them must change it.</summary>
    public static BatchState Told(BatchState batch, params BatchEvent[] changes) => changes.Aggregate(batch, (state, change) =>
    {
        var after = BatchTransitions.Apply(state, change);
        Assert.NotSame(state, after);
        return after;
    });
}
