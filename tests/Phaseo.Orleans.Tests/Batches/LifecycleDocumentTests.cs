using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.Tests.Batches;

/// <summary>
/// <c>docs/batch-lifecycle.md</c> shows what the code does: the parts between its markers are made from the code, the
/// prose around them is written by hand.
/// </summary>
public sealed class LifecycleDocumentTests
{
    private static readonly string Document = SourceTree.PathOf("docs", "batch-lifecycle.md");

    [Fact]
    public void Diagram_is_what_the_transitions_do() => Check("diagram", LifecyclePicture.Diagram());

    [Fact]
    public void Table_of_events_is_what_the_transitions_do() => Check("events", LifecyclePicture.EventsByStatus());

    [Fact]
    public void Table_of_steps_is_what_a_batch_owes() => Check("steps", LifecyclePicture.Steps());

    private static void Check(string part, string made)
    {
        var (begin, end) = ($"<!-- made from code: {part} -->\n", $"<!-- end of {part} -->");
        var text = File.ReadAllText(Document);
        var from = text.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        var to = text.IndexOf(end, StringComparison.Ordinal);
        Assert.True(from >= begin.Length && to >= from, $"docs/batch-lifecycle.md has no part '{part}'.");
        if (SourceTree.IsUpdating)
        {
            File.WriteAllText(Document, text[..from] + made + text[to..]);
            return;
        }

        Assert.True(
            text[from..to] == made,
            $"docs/batch-lifecycle.md does not show what the code does. PHASEO_UPDATE_GOLDEN=1 ./test --filter-class "
            + $"\"{typeof(LifecycleDocumentTests).FullName}\" writes its part '{part}' again. It should be:\n{made}");
    }
}
