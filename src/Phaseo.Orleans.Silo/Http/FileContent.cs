using System.Globalization;
using System.IO.Pipelines;
using Microsoft.Net.Http.Headers;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Silo.Http;

/// <summary>A file's bytes, whole or a range of them.</summary>
internal static class FileContent
{
    /// <summary>What every file is sent as: nothing that a browser would show or run.</summary>
    public const string ContentType = "application/octet-stream";

    /// <summary>Gives a file's bytes, whole or the range that is asked for.</summary>
    public static async Task<IResult> GetAsync(
        string id, HttpContext http, Caller caller, IFileRecords files, IBlobStore blobs, TimeProvider time)
    {
        if (await FileEndpoints.FindAsync(files, caller, id, time, http.RequestAborted) is not { } file)
        {
            return Refusal.NoSuchFile(id);
        }

        var etag = $"\"{file.Id}\""; // a file's bytes never change
        var response = http.Response;
        response.Headers.ETag = etag;
        response.Headers.AcceptRanges = "bytes";
        var (range, isSatisfiable) = ByteRange.Of(http.Request, file.Bytes, etag);
        if (!isSatisfiable)
        {
            response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes */{file.Bytes}");
            return new Refusal(416, $"The range is outside the file, which has {file.Bytes} bytes.", "Range", "invalid_range");
        }

        var part = range ?? new ByteRange(0, file.Bytes);
        var content = await blobs.OpenReadAsync(file.BlobName, part.Offset, part.Length, http.RequestAborted);
        if (content is null)
        {
            // Purged between the look at the record and the opening: the file is deleted.
            return Refusal.NoSuchFile(id);
        }

        if (range is not null)
        {
            var last = part.Offset + part.Length - 1;
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {part.Offset}-{last}/{file.Bytes}");
        }

        return new Download(content, file.Filename, part.Length);
    }

    private sealed class Download(Stream content, string filename, long length) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            await using var _ = content;
            var disposition = new ContentDispositionHeaderValue("attachment");
            disposition.SetHttpFileName(filename);
            var response = httpContext.Response;
            response.ContentType = ContentType;
            response.ContentLength = length;
            response.Headers.ContentDisposition = disposition.ToString();
            response.Headers.XContentTypeOptions = "nosniff";
            await content.CopyToAsync(response.BodyWriter, httpContext.RequestAborted);
        }
    }
}
