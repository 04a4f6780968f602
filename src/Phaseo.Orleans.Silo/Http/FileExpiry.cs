namespace Phaseo.Orleans.Silo.Http;

/// <summary>The bounds of <c>expires_after</c> and <c>output_expires_after</c>.</summary>
internal static class FileExpiry
{
    /// <summary>The only anchor.</summary>
    public const string Anchor = "created_at";

    /// <summary>An hour.</summary>
    public const long MinSeconds = 3600;

    /// <summary>Thirty days.</summary>
    public const long MaxSeconds = 2_592_000;
}
