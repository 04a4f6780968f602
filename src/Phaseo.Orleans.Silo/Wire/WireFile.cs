using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Silo.Wire;

/// <summary>The file object. Times are Unix seconds.</summary>
internal sealed record WireFile(
    string Id,
    string Object,
    long Bytes,
    long CreatedAt,
    long ExpiresAt,
    string Filename,
    string Purpose,
    string Status,
    string? StatusDetails)
{
    /// <summary>The object of a stored file.</summary>
    public static WireFile From(FileRecord file) => new(
        file.Id,
        "file",
        file.Bytes,
        file.CreatedAt.ToUnixTimeSeconds(),
        file.ExpiresAt.ToUnixTimeSeconds(),
        file.Filename,
        file.Purpose,
        "processed",
        null);
}

/// <summary>The answer to a delete.</summary>
internal sealed record WireDeleted(string Id, string Object, bool Deleted);

/// <summary>The form of an upload as the API's description shows it.</summary>
internal sealed record WireUpload
{
    /// <summary>The file: a request a line.</summary>
    public required Stream File { get; init; }

    /// <summary>Always <c>batch</c>.</summary>
    public required string Purpose { get; init; }

    /// <summary>How long the file lives; sent as <c>expires_after[anchor]</c> and <c>expires_after[seconds]</c>.</summary>
    public WireExpiry? ExpiresAfter { get; init; }
}
