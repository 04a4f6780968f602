using System.Buffers;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Phaseo.Orleans.Silo.Http;

/// <summary>
/// The form of an upload, read part by part as it arrives: the file's bytes go on at once and are never held, and
/// fields may stand before or behind it.
/// </summary>
internal sealed class UploadForm
{
    private const int CopyBytes = 128 * 1024;

    private readonly UploadFields _fields = new();
    private readonly long _maxFileBytes;
    private readonly Sink _sink;
    private string? _filename;

    private UploadForm(long maxFileBytes, Sink sink) => (_maxFileBytes, _sink) = (maxFileBytes, sink);

    /// <summary>Takes the file's bytes; they may be reused when the call has returned.</summary>
    public delegate ValueTask Sink(ReadOnlyMemory<byte> bytes, CancellationToken cancellation);

    /// <summary>The file's name as it may be shown.</summary>
    public string Filename => _filename!;

    /// <summary>How long the file is to live; null: the default.</summary>
    public TimeSpan? ExpiresAfter => _fields.ExpiresAfter;

    /// <summary>
    /// Reads the whole form and gives the file to <paramref name="sink"/>. A refusal may come at any point, after
    /// which the rest is not read. Throws <see cref="BadHttpRequestException"/> when the body is broken or ends early.
    /// </summary>
    public static async Task<(UploadForm? Form, Refusal? Refusal)> ReadAsync(
        HttpRequest request, long maxFileBytes, Sink sink, CancellationToken cancellation)
    {
        if (!MultipartParts.TryOpen(request, out var parts))
        {
            return (null, new(415, "The request must be multipart/form-data with a boundary.", null, "unsupported_content_type"));
        }

        // Told before the first byte is read; a client that waits for 100-continue sends nothing in vain.
        if (request.ContentLength > maxFileBytes + MultipartParts.MaxOverhead)
        {
            return (null, TooLarge(maxFileBytes));
        }

        var form = new UploadForm(maxFileBytes, sink);
        while (await parts.NextAsync(cancellation) is { } part)
        {
            if (parts.Count > MultipartParts.MaxParts)
            {
                return (null, new(400, $"The form must have at most {MultipartParts.MaxParts} parts.", null, "invalid_multipart"));
            }

            if (await form.TakeAsync(part, cancellation) is { } refusal)
            {
                return (null, refusal);
            }
        }

        var fault = form._filename is null ? Refusal.Missing("file") : form._fields.Check();
        return fault is null ? (form, null) : (null, fault);
    }

    private async Task<Refusal?> TakeAsync(MultipartSection part, CancellationToken cancellation)
    {
        if (!ContentDispositionHeaderValue.TryParse(part.ContentDisposition, out var disposition)
            || !disposition.DispositionType.Equals("form-data", StringComparison.OrdinalIgnoreCase))
        {
            return new(400, "Every part of the form must have a name.", null, "invalid_multipart");
        }

        var name = HeaderUtilities.RemoveQuotes(disposition.Name).Value ?? "";
        if (UploadFields.Knows(name))
        {
            return await TakeFieldAsync(part, name, cancellation);
        }

        return name == "file" ? await TakeFileAsync(part, disposition, cancellation) : Refusal.Unknown(Shown.Id(name));
    }

    private async Task<Refusal?> TakeFieldAsync(MultipartSection part, string name, CancellationToken cancellation)
    {
        var buffer = new byte[UploadFields.MaxBytes + 1];
        var length = 0;
        while (length < buffer.Length
            && await MultipartParts.ReadAsync(part, buffer.AsMemory(length), cancellation) is > 0 and var read)
        {
            length += read;
        }

        return _fields.Add(name, buffer.AsSpan(0, length));
    }

    private async Task<Refusal?> TakeFileAsync(
        MultipartSection part, ContentDispositionHeaderValue disposition, CancellationToken cancellation)
    {
        if (_filename is not null)
        {
            return Refusal.Duplicate("file");
        }

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
            while (await MultipartParts.ReadAsync(part, buffer, cancellation) is > 0 and var read)
            {
                total += read;
                if (total > _maxFileBytes)
                {
                    return TooLarge(_maxFileBytes);
                }

                await _sink(buffer.AsMemory(0, read), cancellation);
            }

            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static Refusal TooLarge(long maxFileBytes) =>
        new(413, $"The file must have at most {maxFileBytes} bytes.", "file", "file_too_large");
}
