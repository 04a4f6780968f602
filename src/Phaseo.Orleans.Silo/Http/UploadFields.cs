using System.Globalization;
using System.Text;

namespace Phaseo.Orleans.Silo.Http;

/// <summary>The fields of an upload's form besides the file.</summary>
internal sealed class UploadFields
{
    /// <summary>Bytes of a field at most.</summary>
    public const int MaxBytes = 1024;

    private const string Purpose = "purpose";
    private const string Anchor = "expires_after[anchor]";
    private const string Seconds = "expires_after[seconds]";

    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    private readonly Dictionary<string, string> _fields = new(StringComparer.Ordinal);

    /// <summary>How long the file is to live; null: the default. Known after <see cref="Check"/>.</summary>
    public TimeSpan? ExpiresAfter { get; private set; }

    /// <summary>Whether the contract knows the field.</summary>
    public static bool Knows(string name) => name is Purpose or Anchor or Seconds;

    /// <summary>Takes a field.</summary>
    public Refusal? Add(string name, ReadOnlySpan<byte> value)
    {
        if (value.Length > MaxBytes)
        {
            return Refusal.Invalid(name, $"'{name}' must have at most {MaxBytes} bytes.");
        }

        try
        {
            return _fields.TryAdd(name, Utf8.GetString(value)) ? null : Refusal.Duplicate(name);
        }
        catch (DecoderFallbackException)
        {
            return Refusal.Invalid(name, $"'{name}' is not valid UTF-8.");
        }
    }

    /// <summary>Judges the fields together, once all are there.</summary>
    public Refusal? Check()
    {
        if (!_fields.TryGetValue(Purpose, out var purpose))
        {
            return Refusal.Missing(Purpose);
        }

        if (purpose != "batch")
        {
            return Refusal.Invalid(Purpose, $"Invalid value for '{Purpose}'. Supported values are: 'batch'.");
        }

        return _fields.ContainsKey(Anchor) || _fields.ContainsKey(Seconds) ? CheckExpiry() : null;
    }

    private Refusal? CheckExpiry()
    {
        if (!_fields.TryGetValue(Anchor, out var anchor))
        {
            return Refusal.Missing(Anchor);
        }

        if (anchor != FileExpiry.Anchor)
        {
            return Refusal.Invalid(Anchor, $"Invalid value for '{Anchor}'. Supported values are: '{FileExpiry.Anchor}'.");
        }

        if (!_fields.TryGetValue(Seconds, out var text))
        {
            return Refusal.Missing(Seconds);
        }

        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || seconds is < FileExpiry.MinSeconds or > FileExpiry.MaxSeconds)
        {
            return Refusal.OutOfRange(Seconds, FileExpiry.MinSeconds, FileExpiry.MaxSeconds);
        }

        ExpiresAfter = TimeSpan.FromSeconds(seconds);
        return null;
    }
}
