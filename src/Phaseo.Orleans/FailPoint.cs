using System.Diagnostics;
#if FAILPOINTS
using System.Globalization;
#endif

namespace Phaseo.Orleans;

/// <summary>
/// Named places where a test may stop the process, to show that nothing is lost there. A Release build has none:
/// calls are removed by the compiler. The environment variable <c>PHASEO_FAILPOINT=name[:count][@signal]</c> kills
/// this process (SIGKILL, or the named signal) the count-th time that the place is reached.
/// </summary>
public static class FailPoint
{
#if FAILPOINTS
    private static readonly (string Name, int Count, string Signal) Armed = Read(Environment.GetEnvironmentVariable("PHASEO_FAILPOINT"));
    private static int _reached;
#endif

    /// <summary>Dies here if this place is armed.</summary>
    [Conditional("FAILPOINTS")]
    public static void Reach(string name)
    {
#if FAILPOINTS
        if (Armed.Name != name || Interlocked.Increment(ref _reached) != Armed.Count)
        {
            return;
        }

        // The signal comes from outside, as a real one would: no finally block, no flush.
        using var kill = Process.Start("kill", ["-s", Armed.Signal, Environment.ProcessId.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        if (Armed.Signal == "KILL")
        {
            using var never = new ManualResetEvent(false);
            never.WaitOne();
        }
#endif
    }

#if FAILPOINTS
    private static (string Name, int Count, string Signal) Read(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return ("", 0, "KILL");
        }

        var at = text.Split('@', 2);
        var parts = at[0].Split(':', 2);
        var count = parts.Length == 2 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 1;
        return (parts[0], count, at.Length == 2 ? at[1] : "KILL");
    }
#endif
}
