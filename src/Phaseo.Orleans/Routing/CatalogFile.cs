using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;

namespace Phaseo.Orleans.Routing;

/// <summary>The catalog's file form: contract.md "The catalog".</summary>
public static class CatalogFile
{
    /// <summary>The largest file that is read. A catalog of ten thousand offers is about 5 MB.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>
    /// Reads a catalog. It is taken whole or not at all: with one error or more there is none. Errors say where
    /// (<c>offers[3].prices[0].unit_size: …</c>); a file that is no JSON has one error with its position.
    /// </summary>
    public static (Catalog? Catalog, ImmutableArray<string> Errors) Parse(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > MaxBytes)
        {
            return (null, [$"$: the file has {utf8.Length} bytes; {MaxBytes} are allowed."]);
        }

        var version = VersionOf(SHA256.HashData(utf8));
        if (utf8.StartsWith("\uFEFF"u8))
        {
            utf8 = utf8["\uFEFF"u8.Length..];
        }

        try
        {
            using var document = JsonDocument.Parse(utf8.ToArray(), Strict);
            return new CatalogReader(version).Read(document.RootElement);
        }
        catch (JsonException e)
        {
            // The exception's own text may quote the file; its position does not.
            return (null, [e.LineNumber is { } line
                ? $"$: not valid JSON at line {line + 1}, byte {e.BytePositionInLine + 1}."
                : "$: a field is there twice in one object."]);
        }
        catch (InvalidOperationException)
        {
            return (null, ["$: a string holds bytes or escapes that are not text."]);
        }
    }

    /// <summary>The version that a file of this SHA-256 has.</summary>
    internal static string VersionOf(ReadOnlySpan<byte> sha256) => Convert.ToHexStringLower(sha256[..8]);

    /// <summary>The catalog that ships with the product.</summary>
    internal static byte[] ReadDefault()
    {
        using var resource = typeof(CatalogFile).Assembly.GetManifestResourceStream("default-catalog.json")!;
        var bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return bytes;
    }
}
