using Orleans.Concurrency;
using Phaseo.Orleans.Files;

namespace Phaseo.Orleans.Batches;

/// <summary>One batch: the owner of its state machine. Key: the batch id.</summary>
[GrainInterfaceType("batch"), Alias("batch")]
public interface IBatchGrain : IGrainWithStringKey
{
    /// <summary>
    /// Starts the batch, or finds it started: registers the reminder, saves the first state, writes the index row.
    /// Null: the batch was abandoned under this id; the caller starts again under a new one.
    /// </summary>
    [Alias("submit")]
    Task<BatchView?> SubmitAsync(BatchSubmission submission);

    /// <summary>The last saved state; null when there is none (or it was abandoned).</summary>
    [Alias("get"), AlwaysInterleave]
    Task<BatchView?> GetAsync();

    /// <summary>What a reader of partial results needs to know; null when there is no such batch.</summary>
    [Alias("get-progress"), AlwaysInterleave]
    Task<BatchProgress?> GetProgressAsync();

    /// <summary>Asks it to stop; answers at once with the state that says so.</summary>
    [Alias("cancel")]
    Task<CancelResult> CancelAsync();

    /// <summary>
    /// Does what is owed: wakes the batch after a crash, a missed timer or a lost message. Writes its index row too,
    /// since a create may have died just before it.
    /// </summary>
    [Alias("drive")]
    Task DriveAsync();

    /// <summary>
    /// Gives up a create that never saved a first state: saves <see cref="BatchStatus.Abandoned"/>, create-only.
    /// True: the batch is abandoned now and its leftovers may be removed. False: it has a state and lives.
    /// </summary>
    [Alias("abandon")]
    Task<bool> AbandonAsync(string workspace);

    /// <summary>A shard's absolute figures, or its end.</summary>
    [Alias("report")]
    Task<bool> ReportAsync(ShardReport report);
}

/// <summary>Where a batch's rows are, as last saved.</summary>
[GenerateSerializer, Immutable, Alias("batch.progress")]
public sealed record BatchProgress(
    [property: Id(0)] string Workspace,
    [property: Id(1)] bool IsTerminal,
    [property: Id(2)] string InputBlob,
    [property: Id(3)] string? PlanFile,
    [property: Id(4)] ShardSlice? OnlyShard,
    [property: Id(5)] int NextShard);

/// <summary>How a cancel was taken.</summary>
[GenerateSerializer, Immutable, Alias("batch.cancel-result")]
public sealed record CancelResult(
    [property: Id(0)] CancelOutcome Outcome, [property: Id(1)] BatchView? Batch);

/// <summary>The answers to a cancel.</summary>
public enum CancelOutcome
{
    /// <summary>No such batch.</summary>
    NotFound = 1,

    /// <summary>Cancelling, cancelled, or finalizing with its outcome kept: 200 and the object.</summary>
    Accepted = 2,

    /// <summary>Terminal with another status: 409.</summary>
    TooLate = 3,
}
