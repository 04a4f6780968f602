using System.Globalization;

namespace Phaseo.Orleans.LoadTests.Bench;

/// <summary>How figures are written.</summary>
internal static class Figures
{
    /// <summary>With a fixed number of places after the point, and commas between thousands.</summary>
    public static string Show(this double value, int places) => value.ToString("N" + places, CultureInfo.InvariantCulture);

    /// <summary>With commas between thousands.</summary>
    public static string Show(this int value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>As an argument of a command.</summary>
    public static string ToArgument(this int value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Bytes as whole megabytes (10⁶).</summary>
    public static string Megabytes(long bytes) => (bytes / 1_000_000.0).Show(0);
}
