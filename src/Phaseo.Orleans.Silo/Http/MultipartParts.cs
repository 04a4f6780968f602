using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Phaseo.Orleans.Silo.Http;

/// <summary>
/// The parts of a multipart form as they arrive, bounded in number and headers. A body that is broken or ends early is
/// a <see cref="BadHttpRequestException"/> wherever that is met; the framework's reader has three exceptions for it.
/// </summary>
internal sealed class MultipartParts
{
    /// <summary>Parts at most.</summary>
    public const int MaxParts = 16;

    private const int MaxHeaders = 8;
    private const int MaxHeaderBytes = 8 * 1024;
    private const int MaxBoundary = 128;

    private readonly MultipartReader _reader;

    private MultipartParts(string boundary, Stream body) => _reader = new(boundary, body)
    {
        HeadersCountLimit = MaxHeaders,
        HeadersLengthLimit = MaxHeaderBytes,
    };

    /// <summary>Bytes that a form may have besides its contents.</summary>
    public static int MaxOverhead => MaxParts * MaxHeaderBytes;

    /// <summary>How many parts have been met.</summary>
    public int Count { get; private set; }

    /// <summary>False: the request is no form.</summary>
    public static bool TryOpen(HttpRequest request, [NotNullWhen(true)] out MultipartParts? parts)
    {
        parts = null;
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary);
        if (boundary.Length is > 0 and <= MaxBoundary)
        {
            parts = new(boundary.Value!, request.Body);
        }

        return parts is not null;
    }

    /// <summary>The next part; null after the last.</summary>
    public async Task<MultipartSection?> NextAsync(CancellationToken cancellation)
    {
        try
        {
            var part = await _reader.ReadNextSectionAsync(cancellation);
            Count += part is null ? 0 : 1;
            return part;
        }
        catch (Exception e) when (IsBroken(e))
        {
            throw Broken(e);
        }
    }

    /// <summary>Some bytes of a part; 0 at its end.</summary>
    public static async ValueTask<int> ReadAsync(MultipartSection part, Memory<byte> buffer, CancellationToken cancellation)
    {
        try
        {
            return await part.Body.ReadAsync(buffer, cancellation);
        }
        catch (Exception e) when (IsBroken(e))
        {
            throw Broken(e);
        }
    }

    private static bool IsBroken(Exception e) => e is InvalidDataException or (IOException and not BadHttpRequestException);

    private static BadHttpRequestException Broken(Exception e) => new("The form is broken or ended early.", 400, e);
}
