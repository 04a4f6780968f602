using System.Buffers;
using System.Globalization;

namespace Phaseo.Orleans.Storage;

/// <summary>
/// Where things are. Every name but that of a price list starts with the workspace, and is made of ids that we gave and fixed words:
/// characters <c>a-z 0-9 A-Z . _ - /</c> only.
/// </summary>
public static class BlobNames
{
    private const int MaxPart = 200;

    private static readonly SearchValues<char> NameChars =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

    /// <summary>The name, if it is one that may be stored under.</summary>
    /// <exception cref="ArgumentException">The name is not made by us: a bug, or an attack.</exception>
    public static string Checked(string name)
    {
        foreach (var part in name.AsSpan().Split('/'))
        {
            CheckPart(name.AsSpan(part));
        }

        return name;
    }

    /// <summary>Refuses what is not one plain part of a name.</summary>
    /// <exception cref="ArgumentException">As above.</exception>
    public static void CheckPart(ReadOnlySpan<char> part)
    {
        if (part.IsEmpty || part.Length > MaxPart || part is "." or ".." || part.ContainsAnyExcept(NameChars))
        {
            throw new ArgumentException("A storage name consists of parts of a-z A-Z 0-9 . _ - up to 200 characters, parted by '/'.");
        }
    }

    /// <summary>An uploaded input file.</summary>
    public static string Upload(string workspace, string fileId) => $"{workspace}/files/{fileId}";

    /// <summary>Takes the name of an uploaded file apart; null for any other name.</summary>
    public static (string Workspace, string FileId)? TryParseUpload(string name) =>
        name.Split('/') is [var workspace, "files", var fileId] ? (workspace, fileId) : null;

    /// <summary>A batch's output file.</summary>
    public static string Output(string workspace, string batch) => $"{workspace}/{batch}/output";

    /// <summary>A batch's error file.</summary>
    public static string Errors(string workspace, string batch) => $"{workspace}/{batch}/errors";

    /// <summary>A batch's row table, kept as long as the batch record.</summary>
    public static string Rows(string workspace, string batch) => $"{workspace}/{batch}/rows";

    /// <summary>A working file named by the hash of its content; gone after the terminal state.</summary>
    public static string Work(string workspace, string batch, string hash) => $"{WorkPrefix(workspace, batch)}{hash}";

    /// <summary>What all working files of a batch start with.</summary>
    public static string WorkPrefix(string workspace, string batch) => $"{workspace}/{batch}/work/";

    /// <summary>A file named by the hash of its content and kept as long as the batch record (validation errors).</summary>
    public static string Kept(string workspace, string batch, string hash) => $"{workspace}/{batch}/kept/{hash}";

    /// <summary>A list of prices, named by its hash. The operator's and not a workspace's: no workspace's name starts with <c>_</c>.</summary>
    public static string Prices(string hash) => $"_prices/{hash}";

    /// <summary>A shard's journal.</summary>
    public static string Journal(string workspace, string batch, int shard) =>
        string.Create(CultureInfo.InvariantCulture, $"{workspace}/{batch}/journals/{shard:D6}");
}
