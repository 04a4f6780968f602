namespace Phaseo.Orleans.Chaos;

/// <summary>What a run is to do.</summary>
internal sealed record ChaosOptions
{
    /// <summary>The first seed. Default: 1.</summary>
    public int First { get; init; } = 1;

    /// <summary>How many seeds. Default: 40.</summary>
    public int Seeds { get; init; } = 40;

    /// <summary>Whether one seed is to be replayed: nothing is said of coverage then.</summary>
    public bool IsReplay { get; init; }

    /// <summary>Whether seeds may want three silos on the emulator of a storage account. Default: true.</summary>
    public bool Clusters { get; init; } = true;

    /// <summary>Seeds of one silo at once. Default: 3.</summary>
    public int Lanes { get; init; } = 3;

    /// <summary>The rule that the engine is to break, and that must be seen broken; null: none.</summary>
    public string? Mutant { get; init; }

    /// <summary>
    /// The file to which this run's record is added, as a part of a longer run: what its parts together have covered is
    /// asked of all of them. Null: it is a run of its own.
    /// </summary>
    public string? Append { get; init; }

    /// <summary>The file that gets all that silos write, for one seed that is looked into; null: none.</summary>
    public string? Logs { get; init; }

    /// <summary>Where the report is written; null: nowhere.</summary>
    public string? Out { get; init; }
}
