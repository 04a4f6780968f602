using System.Diagnostics;

namespace Phaseo.Orleans;

/// <summary>
/// Named places where a test may break a rule of the engine, to show that its tests would see it. A Release build has
/// none: calls are removed by the compiler with all that they are given. The environment variable <c>PHASEO_MUTANT</c>
/// names the one rule that this process breaks.
/// </summary>
public static class Mutant
{
    /// <summary>The environment variable that names the mutant.</summary>
    public const string Variable = "PHASEO_MUTANT";

#if FAILPOINTS
    private static readonly string? Chosen = Environment.GetEnvironmentVariable(Variable);
#endif

    /// <summary>Puts a wrong value in the right one's place if this mutant was chosen.</summary>
    [Conditional("FAILPOINTS")]
    public static void Change<T>(string name, ref T value, T wrong)
    {
#if FAILPOINTS
        if (Chosen == name)
        {
            value = wrong;
        }
#endif
    }
}
