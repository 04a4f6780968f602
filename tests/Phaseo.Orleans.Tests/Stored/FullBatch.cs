using System.Collections.Immutable;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Billing;
using Phaseo.Orleans.Tests.Batches;

namespace Phaseo.Orleans.Tests.Stored;

/// <summary>A batch in whose request, figures and shards everything is set that can be set.</summary>
internal static class FullBatch
{
    public static readonly BatchSubmission Submission = BatchScenes.Submission with
    {
        InputBytes = 1024,
        InputLines = 12,
        TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        Request = BatchScenes.Submission.Request with
        {
            Metadata = [new("customer", "Zoë \"Zed\" 🦉"), new("note", "two\nlines"), new("bell", "\u0007\u007f")],
            SessionId = "session-7",
            OutputExpiresAfter = TimeSpan.FromHours(48),
            Provider = new()
            {
                Order = ["groq", "openai"],
                Only = ["openai", "groq", "deepinfra"],
                Ignore = ["anthropic"],
                MaxPrice = new() { Prompt = 0.25m, Completion = 2m, Image = 0.04m, Audio = 0.006m, Request = 0.001m },
                AllowFallbacks = true,
            },
        },
    };

    public static readonly Meters Usage = new()
    {
        InputTokens = 1,
        CachedInputTokens = 2,
        CacheWriteInputTokens = 3,
        OutputTokens = 4,
        ReasoningTokens = 5,
        Images = 6,
        AudioMinutes = 7,
        Requests = 8,
    };

    public static readonly ShardTally Tally = new()
    {
        Completed = 498,
        Failed = 2,
        Usage = Usage,
        CostNanos = 1_234_567_890,
        Providers = ImmutableSortedDictionary.CreateRange([KeyValuePair.Create("groq", 3), KeyValuePair.Create("openai", 495)]),
    };

    public static readonly ShardParts Parts = new(
        [new("000002-0000-00112233445566778899aabbccddeeff", 4194304)],
        [new("000002-0000-ffeeddccbbaa99887766554433221100", 120)],
        [new("000002-0000-0123456789abcdef0123456789abcdef", 30000)]);

    public static readonly ImmutableArray<EndedShard> Ends = [new(2, Parts, null), new(5, null, "ws/batch/work/e5")];

    public static readonly ImmutableArray<ParkedShard> Parked = [new(1, 4, BatchScenes.At(90), Tally)];

    /// <summary>No batch is ever like this; it shows each field once.</summary>
    public static readonly BatchState State = new()
    {
        Version = 7,
        Operation = "0123456789abcdef0123456789abcdef",
        Status = BatchStatus.Cancelling,
        Outcome = BatchStatus.Cancelled,
        Workspace = "ws",
        Id = BatchScenes.Id,
        Prices = "00112233445566778899aabbccddeeff",
        Submission = Submission,
        Total = 2500,
        Model = "sim/echo",
        ShardCount = 6,
        PlanFile = "ws/batch/work/plan",
        OnlyShard = new(10, 20, 30, 40, 50),
        FaultsFile = "ws/batch/kept/faults",
        NextShard = 5,
        Running = [new(3, 2, 5, Tally)],
        Parked = Parked,
        ParkedFiles = [new("ws/batch/work/parked", 3, BatchScenes.At(120), Tally)],
        Ends = Ends,
        EndFiles = [new("ws/batch/work/ends", 9)],
        Ended = Tally,
        OutputFileId = "file-out",
        ErrorFileId = "file-err",
        Outbox = [OutboxAct.Index, OutboxAct.Reference, OutboxAct.Journals],
        InProgressAt = BatchScenes.At(1),
        FinalizingAt = BatchScenes.At(2),
        EndedAt = BatchScenes.At(3),
        CancellingAt = BatchScenes.At(4),
        CallsEndAt = BatchScenes.At(5),
    };

    /// <summary>A state that a batch comes to, with this request.</summary>
    public static BatchState Of(string scene)
    {
        var state = BatchScenes.Of(scene);
        return state with
        {
            Version = 7,
            Operation = "0123456789abcdef0123456789abcdef",
            Prices = state.InProgressAt is null ? null : State.Prices,
            Submission = state.Submission is null ? null : Submission,
        };
    }
}
