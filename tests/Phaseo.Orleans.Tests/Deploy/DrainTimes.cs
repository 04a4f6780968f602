namespace Phaseo.Orleans.Tests.Deploy;

/// <summary>How long a silo takes to end.</summary>
internal static class DrainTimes
{
    /// <summary>The longest that it takes unless it is told otherwise: calls, flushes, leaving.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(25 + 5 + 10);
}
