using System.Text;
using Phaseo.Orleans.Batches;
using static Phaseo.Orleans.Tests.Batches.BatchTransitionTable;

namespace Phaseo.Orleans.Tests.Batches;

/// <summary>
/// Draws what <see cref="BatchTransitions.Apply"/> and <see cref="BatchSteps.Next"/> do, by asking them: every event of
/// the transition table is told to every scene of it.
/// </summary>
internal static class LifecyclePicture
{
    private static readonly BatchStatus[] Order =
    [
        BatchStatus.None, BatchStatus.Validating, BatchStatus.InProgress, BatchStatus.Cancelling, BatchStatus.Finalizing,
        BatchStatus.Completed, BatchStatus.Failed, BatchStatus.Expired, BatchStatus.Cancelled, BatchStatus.Abandoned,
    ];

    // Every scene, and all that one more event makes of it.
    private static readonly List<BatchState> States =
    [
        .. Scenes.Select(BatchScenes.Of),
        .. from scene in Scenes from change in Events select BatchTransitions.Apply(BatchScenes.Of(scene), EventOf(change)),
    ];

    private static readonly List<Told> All = [.. from scene in Scenes from change in Events select Tell(scene, change)];

    /// <summary>A Mermaid state diagram: one arrow for each pair of statuses and event that leads from one to the other.</summary>
    public static string Diagram()
    {
        var text = new StringBuilder("```mermaid\nstateDiagram-v2\n");
        foreach (var from in Order)
        {
            foreach (var arrow in All.Where(told => told.From == from && told.To != from).DistinctBy(told => (told.Kind, told.To)))
            {
                text.Append($"    {Node(from)} --> {Node(arrow.To)} : {OnArrow(arrow.Kind)}\n");
            }

            if (from.IsTerminal())
            {
                text.Append($"    {Node(from)} --> [*]\n");
            }
        }

        return text.Append("```\n").ToString();
    }

    /// <summary>What each event does in each status. Statuses that take every event alike share a column.</summary>
    public static string EventsByStatus()
    {
        var kinds = All.Select(told => told.Kind).Distinct().ToList();
        var columns = Order.GroupBy(status => string.Join('|', kinds.Select(kind => Cell(status, kind)))).ToList();
        var text = new StringBuilder();
        Row(text, ["", .. columns.Select(column => string.Join(", ", column.Select(Word)))]);
        Row(text, [.. columns.Select(_ => "---").Prepend("---")]);
        foreach (var kind in kinds)
        {
            Row(text, [InTable(kind), .. columns.Select(column => Cell(column.First(), kind))]);
        }

        return text.ToString();
    }

    /// <summary>What a batch owes in each status.</summary>
    public static string Steps()
    {
        var text = new StringBuilder();
        Row(text, ["status", "owes"]);
        Row(text, ["---", "---"]);
        foreach (var status in Order)
        {
            var steps = States.Where(batch => batch.Status == status).Select(BatchSteps.Next).Distinct().Order();
            Row(text, [Word(status), string.Join(", then ", steps.Select(step => $"`{step}`"))]);
        }

        return text.ToString();
    }

    private static Told Tell(string scene, string name)
    {
        var before = BatchScenes.Of(scene);
        var change = EventOf(name);
        var after = BatchTransitions.Apply(before, change);
        return new(before.Status, change.GetType(), after.Status, !ReferenceEquals(before, after));
    }

    private static string Cell(BatchStatus from, Type kind)
    {
        var changes = All.Where(told => told.From == from && told.Kind == kind && told.IsChange).Select(told => told.To).Distinct();
        return string.Join(" or ", changes.Order().Select(to => to == from ? "noted" : $"**→ {Word(to)}**"));
    }

    private static void Row(StringBuilder text, IEnumerable<string> cells) => text.Append($"| {string.Join(" | ", cells)} |\n");

    private static string Node(BatchStatus status) => status == BatchStatus.None ? "[*]" : status.ToWire();

    private static string Word(BatchStatus status) => status == BatchStatus.None ? "(no batch)" : status.ToWire();

    private static string OnArrow(Type kind) => kind == typeof(BatchEvent.ShardEnded) ? "last shard ended" : Words(kind);

    private static string InTable(Type kind) => $"{Words(kind)} (`{kind.Name}`)";

    private static string Words(Type kind) => kind.Name switch
    {
        nameof(BatchEvent.Submitted) => "created",
        nameof(BatchEvent.Abandoned) => "create given up",
        nameof(BatchEvent.Validated) => "input is good",
        nameof(BatchEvent.ValidationFailed) => "input is refused",
        nameof(BatchEvent.CancelRequested) => "cancel asked for",
        nameof(BatchEvent.DeadlinePassed) => "window is over",
        nameof(BatchEvent.ShardsChosen) => "shards chosen",
        nameof(BatchEvent.ShardsWoken) => "parked shards woken",
        nameof(BatchEvent.EpochRaised) => "epoch raised",
        nameof(BatchEvent.ShardReported) => "shard reported",
        nameof(BatchEvent.ShardParked) => "shard parked",
        nameof(BatchEvent.ShardEnded) => "shard ended",
        nameof(BatchEvent.EndsFolded) => "ends put into a file",
        nameof(BatchEvent.ParkedFolded) => "parked shards put into a file",
        nameof(BatchEvent.ParkedUnfolded) => "parked shards taken out of a file",
        nameof(BatchEvent.FilesCompleted) => "files are complete",
        nameof(BatchEvent.OutboxEmptied) => "outbox is empty",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "An event without words."),
    };

    private sealed record Told(BatchStatus From, Type Kind, BatchStatus To, bool IsChange);
}
