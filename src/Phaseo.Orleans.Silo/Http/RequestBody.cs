using System.Buffers;
using Microsoft.Net.Http.Headers;

namespace Phaseo.Orleans.Silo.Http;

/// <summary>Small bodies, read whole. The server's own bound (1 MiB) ends too long ones with a 413.</summary>
internal static class RequestBody
{
    /// <summary>The bytes of a JSON body.</summary>
    public static async Task<(ReadOnlyMemory<byte> Body, Refusal? Refusal)> ReadJsonAsync(
        HttpRequest request, CancellationToken cancellation)
    {
        if (!IsJson(request))
        {
            return (default, new(415, "The request must be application/json in UTF-8, not compressed.", null, "unsupported_content_type"));
        }

        while (true)
        {
            var read = await request.BodyReader.ReadAsync(cancellation);
            if (read.IsCompleted)
            {
                var body = read.Buffer.ToArray();
                request.BodyReader.AdvanceTo(read.Buffer.End);
                return (body, null);
            }

            request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static bool IsJson(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
        && (!type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase))
        && request.Headers.ContentEncoding.Count == 0;
}
