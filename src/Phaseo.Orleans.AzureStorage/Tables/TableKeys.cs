using System.Text.RegularExpressions;

namespace Phaseo.Orleans.AzureStorage.Tables;

/// <summary>What Azure Tables allows in keys and names.</summary>
internal static partial class TableKeys
{
    /// <summary>A key must be shorter than this, in UTF-16 units. The service's limit is 1 KiB.</summary>
    public const int LengthLimit = 1024;

    /// <summary>
    /// Replaces each character that a key cannot have (<c>/ \ # ?</c>) by an underscore. Keys that differ in nothing else
    /// become one: the stored format has it so.
    /// </summary>
    /// <exception cref="ArgumentException">The key is too long. The message has its length only.</exception>
    public static string Sanitize(string key)
    {
        if (key.Length >= LengthLimit)
        {
            throw new ArgumentException(
                $"A key in Azure Tables must be shorter than {LengthLimit} characters; this one has {key.Length}.", nameof(key));
        }

        return key.Replace('/', '_').Replace('\\', '_').Replace('#', '_').Replace('?', '_');
    }

    /// <summary>Whether a table can have this name: a letter, then 2 to 62 letters and digits.</summary>
    public static bool IsTableName(string? name) => name is not null && TableName().IsMatch(name);

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9]{2,62}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex TableName();
}
