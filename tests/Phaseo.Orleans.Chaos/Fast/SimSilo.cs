namespace Phaseo.Orleans.Chaos.Fast;

/// <summary>One silo: dies with all that runs on it, or stands still for a while.</summary>
internal sealed class SimSilo(string name)
{
    /// <summary>Its name.</summary>
    public string Name => name;

    /// <summary>Whether it has crashed.</summary>
    public bool IsDead { get; set; }

    /// <summary>Whether it stands still; others may have taken its work over.</summary>
    public bool IsFrozen { get; set; }
}
