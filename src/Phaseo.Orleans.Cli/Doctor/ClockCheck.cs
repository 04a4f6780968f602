using System.Globalization;

namespace Phaseo.Orleans.Cli.Doctor;

/// <summary>Whether the clock can be believed: deadlines are moments of it.</summary>
internal static class ClockCheck
{
    /// <summary>The most that a silo's clock may differ from its storage's before it is not ready (engine.md, §2).</summary>
    public static readonly TimeSpan MaxSkew = TimeSpan.FromSeconds(2);

    /// <summary>A clock before the day this program was built is wrong; nothing else can be known without a network.</summary>
    public static Finding Run(DateTimeOffset now, DateTimeOffset built) => now >= built
        ? Finding.Ok("clock", now.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture))
        : Finding.Fail("clock", $"it says {now.UtcDateTime:yyyy-MM-dd}, before this program was built; deadlines would be wrong");

    /// <summary>Against a server's clock, which counts whole seconds.</summary>
    public static Finding Compare(TimeSpan skew) => skew.Duration() <= MaxSkew + TimeSpan.FromSeconds(1)
        ? Finding.Ok("clock", "agrees with the server's")
        : Finding.Warn("clock", $"differs from the server's by {skew.Duration().TotalSeconds:0} seconds; times shown will be off");
}
