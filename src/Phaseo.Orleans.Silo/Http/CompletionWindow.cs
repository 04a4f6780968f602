using System.Globalization;

namespace Phaseo.Orleans.Silo.Http;

/// <summary>The contract's spelling of a batch's window: <c>24h</c>, <c>90m</c>, <c>7d</c>.</summary>
internal static class CompletionWindow
{
    private static readonly TimeSpan Min = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Max = TimeSpan.FromDays(30);

    // 30 days are 43,200 minutes; longer than that is not worth parsing.
    private const int MaxDigits = 5;

    /// <summary>Digits and a unit, from 1 minute to 30 days.</summary>
    public static bool TryParse(string text, out TimeSpan window)
    {
        window = default;
        if (text.Length is < 2 or > MaxDigits + 1
            || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return false;
        }

        window = text[^1] switch
        {
            'm' => TimeSpan.FromMinutes(count),
            'h' => TimeSpan.FromHours(count),
            'd' => TimeSpan.FromDays(count),
            _ => TimeSpan.Zero,
        };
        return window >= Min && window <= Max;
    }
}
