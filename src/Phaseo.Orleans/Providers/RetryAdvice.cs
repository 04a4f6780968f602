using System.Globalization;

namespace Phaseo.Orleans.Providers;

/// <summary>Reads <c>Retry-After</c> (RFC 9110 §10.2.3: whole seconds, or an HTTP date).</summary>
internal static class RetryAdvice
{
    /// <summary>How long the provider asks us to wait.</summary>
    /// <param name="value">The header; null when there is none.</param>
    /// <param name="now">The moment that a date is measured from.</param>
    /// <param name="longest">A longer wait is not honoured.</param>
    /// <returns>Null: no advice to follow (none, longer than that, negative or in the past, garbage): use our own backoff.</returns>
    public static TimeSpan? Read(string? value, DateTimeOffset now, TimeSpan longest)
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            return null;
        }

        TimeSpan wait;
        if (long.TryParse(value.AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            if (seconds > longest.TotalSeconds)
            {
                return null;
            }

            wait = TimeSpan.FromSeconds(seconds);
        }
        else if (DateTimeOffset.TryParseExact(
            value.AsSpan().Trim(), "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date))
        {
            wait = date - now;
        }
        else
        {
            return null;
        }

        return wait >= TimeSpan.Zero && wait <= longest ? wait : null;
    }
}
