using Phaseo.Orleans.Batches;
using static Phaseo.Orleans.Tests.Batches.BatchScenes;
using static Phaseo.Orleans.Tests.Batches.BatchTransitionTable;

namespace Phaseo.Orleans.Tests.Batches;

public sealed class BatchTransitionTableTests
{
    [Theory]
    [MemberData(nameof(BatchTransitionTable.Cells), MemberType = typeof(BatchTransitionTable))]
    public void Event_leads_where_the_table_says(string from, string change, string to)
    {
        var before = Of(from);

        var after = BatchTransitions.Apply(before, EventOf(change));

        Assert.StartsWith(before.Status.ToString(), from, StringComparison.Ordinal);
        Assert.Equal(to, ReferenceEquals(before, after) ? "=" : after.Status.ToString());
    }

    [Fact]
    public void Table_has_every_status_and_every_event()
    {
        var scenes = Scenes.Select(scene => Of(scene).Status).ToHashSet();
        var events = Events.Select(change => EventOf(change).GetType()).ToHashSet();

        Assert.Equal(Enum.GetValues<BatchStatus>().ToHashSet(), scenes);
        Assert.Equal(typeof(BatchEvent).GetNestedTypes(System.Reflection.BindingFlags.NonPublic).ToHashSet(), events);
    }
}
