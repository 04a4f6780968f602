using System.Diagnostics;

namespace Phaseo.Orleans;

/// <summary>
/// Says that something has happened that a test wants to have seen. A Release build has none: calls are removed by the
/// compiler. With <c>PHASEO_NOTICES=1</c> each is a line on standard error, <c>came of it: fenced append</c>; at once,
/// since a log is written later, which may be too late for a process that is about to end.
/// </summary>
public static class Notice
{
    /// <summary>The environment variable that asks for them.</summary>
    public const string Variable = "PHASEO_NOTICES";

#if FAILPOINTS
    private static readonly bool IsAskedFor = Environment.GetEnvironmentVariable(Variable) == "1";
#endif

    /// <summary>Says so.</summary>
    [Conditional("FAILPOINTS")]
    public static void Tell(string what)
    {
#if FAILPOINTS
        if (IsAskedFor)
        {
            Console.Error.WriteLine($"came of it: {what}");
        }
#endif
    }
}
