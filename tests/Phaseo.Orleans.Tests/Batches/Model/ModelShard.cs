namespace Phaseo.Orleans.Tests.Batches.Model;

/// <summary>
/// A shard as the model has it: its journal (rows recorded, highest fence, seal) and the one activation that the
/// fence lets write. An activation of a lower epoch can only have sent messages, and those stay.
/// </summary>
/// <param name="HasJournal">Whether its journal was made.</param>
/// <param name="Recorded">Rows with a result.</param>
/// <param name="Fence">The highest epoch that fenced it; 0: none.</param>
/// <param name="IsSealed">Whether nothing can be recorded any more.</param>
/// <param name="Sequence">Reports of the activation in charge; -1: there is none.</param>
internal readonly record struct ModelShard(bool HasJournal, int Recorded, long Fence, bool IsSealed, int Sequence)
{
    public static ModelShard New => new(false, 0, 0, false, -1);

    public bool IsAlive => Sequence >= 0 && !IsSealed;
}
