using System.Collections.Immutable;

namespace Phaseo.Orleans.Files;

/// <summary>The first faults of a file, up to a bound.</summary>
internal sealed class FaultList(int max)
{
    private readonly ImmutableArray<LineFault>.Builder _faults = ImmutableArray.CreateBuilder<LineFault>();

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => _faults.Count == 0;

    /// <summary>Whether no other will be kept.</summary>
    public bool IsFull => _faults.Count >= max;

    /// <summary>Keeps a fault, unless there are enough.</summary>
    public void Add(LineFault fault)
    {
        if (!IsFull)
        {
            _faults.Add(fault);
        }
    }

    /// <summary>The faults, in the order in which they were found.</summary>
    public ImmutableArray<LineFault> ToImmutable() => _faults.ToImmutable();
}
