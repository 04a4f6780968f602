using System.Globalization;

namespace Phaseo.Orleans.Cli.Terminals;

/// <summary>Figures as people read them. The culture is invariant: scripts read them too.</summary>
internal static class Format
{
    private const long NanosPerUsd = 1_000_000_000;

    /// <summary><c>12,345</c>.</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary><c>48 s</c>, <c>3:07</c>, <c>1:02:03</c>; under ten seconds with one decimal.</summary>
    public static string Duration(TimeSpan time)
    {
        if (time.TotalSeconds < 9.95)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s");
        }

        var seconds = (long)Math.Round(time.TotalSeconds);
        return seconds switch
        {
            < 60 => string.Create(CultureInfo.InvariantCulture, $"{seconds} s"),
            < 3600 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60}:{seconds % 60:00}"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600}:{seconds / 60 % 60:00}:{seconds % 60:00}"),
        };
    }

    /// <summary><c>1,234 rows/s</c>, under ten with one decimal.</summary>
    public static string Rate(double perSecond) => perSecond < 9.95
        ? string.Create(CultureInfo.InvariantCulture, $"{perSecond:0.0} rows/s")
        : string.Create(CultureInfo.InvariantCulture, $"{perSecond:N0} rows/s");

    /// <summary><c>$12.34</c>; below a dollar four decimals, below a cent six.</summary>
    public static string Cost(long nanos)
    {
        var usd = (decimal)nanos / NanosPerUsd;
        var pattern = usd switch
        {
            0 => "0.00",
            < 0.01m => "0.000000",
            < 1 => "0.0000",
            _ => "N2",
        };
        return "$" + usd.ToString(pattern, CultureInfo.InvariantCulture);
    }

    /// <summary><c>512 B</c>, <c>3.4 MiB</c>.</summary>
    public static string Bytes(long bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        var size = (double)bytes;
        var unit = 0;
        while (size >= 1024 && unit < units.Length - 1)
        {
            size /= 1024;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{size:0.#} {units[unit]}");
    }

    /// <summary><c>2026-11-24 15:03:00Z</c>.</summary>
    public static string Time(long unixSeconds) =>
        DateTimeOffset.FromUnixTimeSeconds(unixSeconds).ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
