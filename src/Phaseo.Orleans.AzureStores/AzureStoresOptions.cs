using Azure.Data.Tables;
using Azure.Storage.Blobs;

namespace Phaseo.Orleans.AzureStores;

/// <summary>Where in an Azure Storage account the stores are.</summary>
public sealed class AzureStoresOptions
{
    /// <summary>The account's blobs.</summary>
    public BlobServiceClient Blobs { get; set; } = null!;

    /// <summary>The account's tables; may be another account than that of the blobs.</summary>
    public TableServiceClient Tables { get; set; } = null!;

    /// <summary>
    /// What the names of all containers and tables start with, so that several clusters may share an account. Lower-case
    /// letters and digits, a letter first, 3 to 40 characters. Default: <c>phaseo</c>.
    /// </summary>
    public string Prefix { get; set; } = "phaseo";

    /// <summary>Whether names may start with this: 3 to 40 lower-case letters and digits, a letter first.</summary>
    public static bool IsPrefix(string prefix) =>
        prefix.Length is >= 3 and <= 40 && char.IsAsciiLetterLower(prefix[0]) && prefix.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c));
}
