using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Phaseo.Orleans.Silo.Http;

/// <summary>
/// The form of an upload, read part by part as it arrives: the file's bytes go on at once and are never held, and
/// fields may stand before or behind it. Parts, headers and fields are bounded.
/// </summary>
internal sealed class UploadForm
{
    private const int MaxParts = 16;
    private const int MaxPartHeaders = 8;
    private const int MaxPartHeaderBytes = 8 * 1024;
    private const int MaxFieldBytes = 1024;
    private const int MaxBoundary = 128;
    private const int CopyBytes = 128 * 1024;

    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    private readonly Dictionary<string, string> _fields = new(StringComparer.Ordinal);
    private string? _filename;

    private UploadForm()
    {
    }

    /// <summary>Takes the file's bytes; they may be reused when the call has returned.</summary>
    public delegate ValueTask Sink(ReadOnlyMemory<byte> bytes, CancellationToken cancellation);

    /// <summary>The file's name as it may be shown.</summary>
    public string Filename => _filename!;

    /// <summary>How long the file is to live; null: the default.</summary>
    public TimeSpan? ExpiresAfter { get; private set; }

    /// <summary>
    /// Reads the whole form and gives the file to <paramref name="sink"/>. A refusal may come at any point, after
    /// which the rest is not read. Throws <see cref="BadHttpRequestException"/> when the body is no form or ends early.
    /// </summary>
    public static async Task<(UploadForm? Form, Refusal? Refusal)> ReadAsync(
        HttpRequest request, long maxFileBytes, Sink sink, CancellationToken cancellation)
    {
        if (Boundary(request) is not { } boundary)
        {
            return (null, new(415, "The request must be multipart/form-data with a boundary.", null, "unsupported_content_type"));
        }

        // Told before the first byte is read; a client that waits for 100-continue sends nothing in vain.
        if (request.ContentLength > maxFileBytes + (MaxParts * MaxPartHeaderBytes))
        {
            return (null, TooLarge(maxFileBytes));
        }

        var reader = new MultipartReader(boundary, request.Body)
        {
            HeadersCountLimit = MaxPartHeaders,
            HeadersLengthLimit = MaxPartHeaderBytes,
        };
        var form = new UploadForm();
        for (var parts = 1; await NextAsync(reader, cancellation) is { } part; parts++)
        {
            if (parts > MaxParts)
            {
                return (null, new(400, $"The form must have at most {MaxParts} parts.", null, "invalid_multipart"));
            }

            if (await form.TakeAsync(part, maxFileBytes, sink, cancellation) is { } refusal)
            {
                return (null, refusal);
            }
        }

        return form.Check() is { } fault ? (null, fault) : (form, null);
    }

    private static string? Boundary(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary);
        return boundary.Length is > 0 and <= MaxBoundary ? boundary.Value : null;
    }

    private static async Task<MultipartSection?> NextAsync(MultipartReader reader, CancellationToken cancellation)
    {
        try
        {
            return await reader.ReadNextSectionAsync(cancellation);
        }
        catch (Exception e) when (e is InvalidDataException or (IOException and not BadHttpRequestException))
        {
            throw Broken(e);
        }
    }

    private static async ValueTask<int> ReadAsync(Stream body, Memory<byte> buffer, CancellationToken cancellation)
    {
        try
        {
            return await body.ReadAsync(buffer, cancellation);
        }
        catch (Exception e) when (e is InvalidDataException or (IOException and not BadHttpRequestException))
        {
            throw Broken(e);
        }
    }

    private static BadHttpRequestException Broken(Exception e) => new("The form is broken or ended early.", 400, e);

    private async Task<Refusal?> TakeAsync(MultipartSection part, long maxFileBytes, Sink sink, CancellationToken cancellation)
    {
        if (!ContentDispositionHeaderValue.TryParse(part.ContentDisposition, out var disposition)
            || !disposition.DispositionType.Equals("form-data", StringComparison.OrdinalIgnoreCase))
        {
            return new(400, "Every part of the form must have a name.", null, "invalid_multipart");
        }

        var name = HeaderUtilities.RemoveQuotes(disposition.Name).Value ?? "";
        return name switch
        {
            "file" => _filename is null
                ? await TakeFileAsync(part, disposition, maxFileBytes, sink, cancellation)
                : Duplicate(name),
            "purpose" or "expires_after[anchor]" or "expires_after[seconds]" => await TakeFieldAsync(part, name, cancellation),
            _ => Refusal.Unknown(Shown.Id(name)),
        };
    }

    private async Task<Refusal?> TakeFileAsync(
        MultipartSection part, ContentDispositionHeaderValue disposition, long maxFileBytes, Sink sink, CancellationToken cancellation)
    {
        var filename = disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName;
        if (!filename.HasValue)
        {
            return Refusal.Invalid("file", "'file' must be a file with a name.", "invalid_type");
        }

        _filename = Shown.FileName(HeaderUtilities.UnescapeAsQuotedString(filename).Value ?? "");
        var buffer = ArrayPool<byte>.Shared.Rent(CopyBytes);
        try
        {
            var total = 0L;
            while (await ReadAsync(part.Body, buffer, cancellation) is > 0 and var read)
            {
                total += read;
                if (total > maxFileBytes)
                {
                    return TooLarge(maxFileBytes);
                }

                await sink(buffer.AsMemory(0, read), cancellation);
            }

            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task<Refusal?> TakeFieldAsync(MultipartSection part, string name, CancellationToken cancellation)
    {
        var buffer = new byte[MaxFieldBytes + 1];
        var length = 0;
        while (length < buffer.Length && await ReadAsync(part.Body, buffer.AsMemory(length), cancellation) is > 0 and var read)
        {
            length += read;
        }

        if (length > MaxFieldBytes)
        {
            return Refusal.Invalid(name, $"'{name}' must have at most {MaxFieldBytes} bytes.");
        }

        try
        {
            return _fields.TryAdd(name, Utf8.GetString(buffer, 0, length)) ? null : Duplicate(name);
        }
        catch (DecoderFallbackException)
        {
            return Refusal.Invalid(name, $"'{name}' is not valid UTF-8.");
        }
    }

    private Refusal? Check()
    {
        if (_filename is null)
        {
            return Refusal.Missing("file");
        }

        if (!_fields.TryGetValue("purpose", out var purpose))
        {
            return Refusal.Missing("purpose");
        }

        if (purpose != "batch")
        {
            return Refusal.Invalid("purpose", "Invalid value for 'purpose'. Supported values are: 'batch'.");
        }

        return CheckExpiry();
    }

    private Refusal? CheckExpiry()
    {
        var hasAnchor = _fields.TryGetValue("expires_after[anchor]", out var anchor);
        var hasSeconds = _fields.TryGetValue("expires_after[seconds]", out var text);
        if (!hasAnchor && !hasSeconds)
        {
            return null;
        }

        if (anchor != FileExpiry.Anchor)
        {
            return hasAnchor
                ? Refusal.Invalid("expires_after[anchor]", $"Supported values are: '{FileExpiry.Anchor}'.")
                : Refusal.Missing("expires_after[anchor]");
        }

        if (!hasSeconds)
        {
            return Refusal.Missing("expires_after[seconds]");
        }

        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || seconds is < FileExpiry.MinSeconds or > FileExpiry.MaxSeconds)
        {
            return Refusal.Invalid(
                "expires_after[seconds]",
                $"'expires_after[seconds]' must be an integer between {FileExpiry.MinSeconds} and {FileExpiry.MaxSeconds}.",
                "integer_out_of_range");
        }

        ExpiresAfter = TimeSpan.FromSeconds(seconds);
        return null;
    }

    private static Refusal Duplicate(string name) => new(400, $"Duplicate parameter: '{name}'.", name, "duplicate_parameter");

    private static Refusal TooLarge(long maxFileBytes) =>
        new(413, $"The file must have at most {maxFileBytes} bytes.", "file", "file_too_large");
}
