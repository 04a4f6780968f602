using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Batches;

/// <summary>
/// <c>docs/batch-lifecycle.md</c> shows what the code does: the parts between its markers are made from the code, the
/// prose around them is written by hand.
/// </summary>
public sealed class LifecycleDocumentTests
{
    [Fact]
    public void Diagram_is_what_the_transitions_do() => Check("diagram", LifecyclePicture.Diagram());

    [Fact]
    public void Table_of_events_is_what_the_transitions_do() => Check("events", LifecyclePicture.EventsByStatus());

    [Fact]
    public void Table_of_steps_is_what_a_batch_owes() => Check("steps", LifecyclePicture.Steps());

    private static void Check(string part, string made) =>
        MadeFromCode.Check("batch-lifecycle.md", part, made, typeof(LifecycleDocumentTests));
}
