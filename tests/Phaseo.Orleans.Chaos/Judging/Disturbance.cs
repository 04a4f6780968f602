namespace Phaseo.Orleans.Chaos.Judging;

/// <summary>Something that was broken on purpose.</summary>
/// <param name="Kind">The signal, or <c>storage</c>.</param>
/// <param name="At">When, on the clock of the log of calls.</param>
/// <param name="Until">When it was over: a silo that was frozen goes on, storage works again.</param>
/// <param name="Recovery">The time that the promises give for getting over it.</param>
internal sealed record Disturbance(string Kind, TimeSpan At, TimeSpan Until, TimeSpan Recovery)
{
    /// <summary>The silo that it killed or froze, as its calls name it, where another was left to go on; null: none was.</summary>
    public string? Gone { get; init; }

    /// <summary>When all must have got over it.</summary>
    public TimeSpan OverAt => Until + Recovery;
}
