using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Tests.Fixtures;
using static Phaseo.Orleans.Tests.Batches.BatchScenes;

namespace Phaseo.Orleans.Tests.Batches;

/// <summary>
/// What becomes of each status with each event: the status it goes to (also when it stays and something else
/// changes), or <c>=</c>: the same instance comes back and nothing is written. Scenes: <see cref="BatchScenes"/>.
/// </summary>
internal static class BatchTransitionTable
{
    private const string Life = """
        from            Submitted   Abandoned  Validated   ValidatedOne  Refused  Cancel      Deadline    Files      Outbox
        None            Validating  Abandoned  =           =             =        =           =           =          =
        Validating      =           =          InProgress  InProgress    Failed   Cancelled   Expired     =          =
        InProgress      =           =          =           =             =        Cancelling  Finalizing  =          =
        InProgressLast  =           =          =           =             =        Cancelling  Finalizing  =          =
        Cancelling      =           =          =           =             =        =           =           =          =
        CancellingLast  =           =          =           =             =        =           =           =          =
        CancellingAll   =           =          =           =             =        =           =           Cancelled  =
        Finalizing      =           =          =           =             =        =           =           =          =
        FinalizingLast  =           =          =           =             =        =           =           =          =
        FinalizingLate  =           =          =           =             =        =           =           Expired    =
        FinalizingAll   =           =          =           =             =        =           =           Completed  =
        Completed       =           =          =           =             =        =           =           =          Completed
        CompletedTold   =           =          =           =             =        =           =           =          =
        Failed          =           =          =           =             =        =           =           =          Failed
        Expired         =           =          =           =             =        =           =           =          Expired
        Cancelled       =           =          =           =             =        =           =           =          Cancelled
        Abandoned       =           =          =           =             =        =           =           =          =
        """;

    private const string Places = """
        from            Chosen      ChosenAgain  Woken       WokenRunning  Raised      RaisedParked  RaisedNew   RaisedEnded
        None            =           =            =           =             =           =             =           =
        Validating      =           =            =           =             =           =             =           =
        InProgress      InProgress  =            InProgress  =             InProgress  =             =           =
        InProgressLast  =           =            =           =             InProgress  =             =           =
        Cancelling      =           =            =           =             Cancelling  Cancelling    Cancelling  =
        CancellingLast  =           =            =           =             Cancelling  =             =           =
        CancellingAll   =           =            =           =             =           =             =           =
        Finalizing      =           =            =           =             Finalizing  Finalizing    Finalizing  =
        FinalizingLast  =           =            =           =             Finalizing  =             =           =
        FinalizingLate  =           =            =           =             =           =             =           =
        FinalizingAll   =           =            =           =             =           =             =           =
        Completed       =           =            =           =             =           =             =           =
        CompletedTold   =           =            =           =             =           =             =           =
        Failed          =           =            =           =             =           =             =           =
        Expired         =           =            =           =             =           =             =           =
        Cancelled       =           =            =           =             =           =             =           =
        Abandoned       =           =            =           =             =           =             =           =
        """;

    private const string Reports = """
        from            Reported    ReportedAgain  ReportedOlder  ReportedNewer  ReportedEnded  Parked      ParkedOlder  Ended       EndedAgain
        None            =           =              =              =              =              =           =            =           =
        Validating      =           =              =              =              =              =           =            =           =
        InProgress      InProgress  =              =              =              =              InProgress  =            InProgress  =
        InProgressLast  InProgress  =              =              =              =              InProgress  =            Finalizing  =
        Cancelling      Cancelling  =              =              =              =              =           =            Cancelling  =
        CancellingLast  Cancelling  =              =              =              =              =           =            Cancelling  =
        CancellingAll   =           =              =              =              =              =           =            =           =
        Finalizing      Finalizing  =              =              =              =              =           =            Finalizing  =
        FinalizingLast  Finalizing  =              =              =              =              =           =            Finalizing  =
        FinalizingLate  =           =              =              =              =              =           =            =           =
        FinalizingAll   =           =              =              =              =              =           =            =           =
        Completed       =           =              =              =              =              =           =            =           =
        CompletedTold   =           =              =              =              =              =           =            =           =
        Failed          =           =              =              =              =              =           =            =           =
        Expired         =           =              =              =              =              =           =            =           =
        Cancelled       =           =              =              =              =              =           =            =           =
        Abandoned       =           =              =              =              =              =           =            =           =
        """;

    private const string Folding = """
        from            EndsFolded  EndsFoldedGone  EndsFoldedNone  ParkedFolded  ParkedFoldedGone  Unfolded    UnfoldedGone
        None            =           =               =               =             =                 =           =
        Validating      =           =               =               =             =                 =           =
        InProgress      InProgress  =               =               InProgress    =                 InProgress  =
        InProgressLast  InProgress  =               =               =             =                 =           =
        Cancelling      Cancelling  =               =               =             =                 Cancelling  =
        CancellingLast  Cancelling  =               =               =             =                 =           =
        CancellingAll   Cancelling  =               =               =             =                 =           =
        Finalizing      Finalizing  =               =               =             =                 Finalizing  =
        FinalizingLast  Finalizing  =               =               =             =                 =           =
        FinalizingLate  Finalizing  =               =               =             =                 =           =
        FinalizingAll   Finalizing  =               =               =             =                 =           =
        Completed       =           =               =               =             =                 =           =
        CompletedTold   =           =               =               =             =                 =           =
        Failed          =           =               =               =             =                 =           =
        Expired         =           =               =               =             =                 =           =
        Cancelled       =           =               =               =             =                 =           =
        Abandoned       =           =               =               =             =                 =           =
        """;

    /// <summary>Scene, event and where it leads.</summary>
    public static TheoryData<string, string, string> Cells { get; } =
        [.. TextTable.Cells(Life), .. TextTable.Cells(Places), .. TextTable.Cells(Reports), .. TextTable.Cells(Folding)];

    /// <summary>Every scene, in the order of the table.</summary>
    public static IEnumerable<string> Scenes => Cells.Select(cell => cell.Data.Item1).Distinct();

    /// <summary>Every event, in the order of the table.</summary>
    public static IEnumerable<string> Events => Cells.Select(cell => cell.Data.Item2).Distinct();

    /// <summary>The event behind a column.</summary>
    public static BatchEvent EventOf(string name) => name switch
    {
        "Submitted" => new BatchEvent.Submitted(Id, Submission),
        "Abandoned" => new BatchEvent.Abandoned("ws", At(1)),
        "Validated" => new BatchEvent.Validated(ShardCount, null, ShardCount, "ws/plan", null, At(1)),
        "ValidatedOne" => new BatchEvent.Validated(1, null, 1, null, OneSlice, At(1)),
        "Refused" => new BatchEvent.ValidationFailed("ws/faults", At(1)),
        "Cancel" => Cancel,
        "Deadline" => Deadline,
        "Files" => FilesDone,
        "Outbox" => new BatchEvent.OutboxEmptied(),
        "Chosen" => new BatchEvent.ShardsChosen(4, 1),
        "ChosenAgain" => new BatchEvent.ShardsChosen(0, 1),
        "Woken" => new BatchEvent.ShardsWoken([1]),
        "WokenRunning" => new BatchEvent.ShardsWoken([0]),
        "Raised" => new BatchEvent.EpochRaised(0),
        "RaisedParked" => new BatchEvent.EpochRaised(1),
        "RaisedNew" => new BatchEvent.EpochRaised(4),
        "RaisedEnded" => new BatchEvent.EpochRaised(2),
        "Reported" => new BatchEvent.ShardReported(0, 2, 6, Rows(1)),
        "ReportedAgain" => new BatchEvent.ShardReported(0, 2, 5, Rows(1)),
        "ReportedOlder" => new BatchEvent.ShardReported(0, 1, 9, Rows(1)),
        "ReportedNewer" => new BatchEvent.ShardReported(0, 3, 1, Rows(1)),
        "ReportedEnded" => new BatchEvent.ShardReported(2, 1, 9, Rows(1)),
        "Parked" => new BatchEvent.ShardParked(0, 2, Rows(0), At(99)),
        "ParkedOlder" => new BatchEvent.ShardParked(0, 1, Rows(0), At(99)),
        "Ended" => Ended(0, At(5)),
        "EndedAgain" => Ended(2, At(5)),
        "EndsFolded" => new BatchEvent.EndsFolded([2], [], "ws/ends"),
        "EndsFoldedGone" => new BatchEvent.EndsFolded([2], ["ws/other"], "ws/ends"),
        "EndsFoldedNone" => new BatchEvent.EndsFolded([], [], "ws/ends"),
        "ParkedFolded" => new BatchEvent.ParkedFolded([1], [WaitingFile], new("ws/parked", 2, At(90), ShardTally.Zero)),
        "ParkedFoldedGone" => new BatchEvent.ParkedFolded([1], ["ws/other"], new("ws/parked", 2, At(90), ShardTally.Zero)),
        "Unfolded" => new BatchEvent.ParkedUnfolded(WaitingFile, [new(3, 1, At(90), ShardTally.Zero)], null),
        "UnfoldedGone" => new BatchEvent.ParkedUnfolded("ws/other", [new(3, 1, At(90), ShardTally.Zero)], null),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No such event."),
    };
}
