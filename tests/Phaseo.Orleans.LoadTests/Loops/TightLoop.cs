using System.Net.Http.Headers;
using System.Text.Json;

namespace Phaseo.Orleans.LoadTests.Loops;

/// <summary>
/// The same work on bytes: the row is parsed where it was read, its body is sent as the slice it is, the answer is
/// copied raw into the result line. Nothing is durable, and the lines come in any order.
/// </summary>
internal static class TightLoop
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    /// <summary>Sends all rows; how many there were.</summary>
    public static async Task<int> RunAsync(LoopJob job, CancellationToken cancellation)
    {
        using var client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            MaxConnectionsPerServer = job.Concurrency,
            UseCookies = false,
            UseProxy = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
        });
        using var input = new LineSource(job.InputPath);
        using var output = new ResultSink(job.OutputPath);

        async Task WorkAsync()
        {
            var buffer = new byte[4096];
            while (input.TryTake(out var line))
            {
                using (line)
                {
                    buffer = await SendAsync(client, job.Endpoint, line.Bytes, buffer, output, cancellation);
                }
            }
        }

        await Task.WhenAll(Enumerable.Range(0, job.Concurrency).Select(_ => Task.Run(WorkAsync, cancellation)));
        return output.Lines;
    }

    private static async Task<byte[]> SendAsync(
        HttpMessageInvoker client, Uri endpoint, ReadOnlyMemory<byte> line, byte[] buffer, ResultSink output, CancellationToken cancellation)
    {
        var (customId, body) = Cut(line);
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint) { Content = new ReadOnlyMemoryContent(body) };
        request.Content.Headers.ContentType = Json;
        using var response = await client.SendAsync(request, cancellation);
        await using var answer = await response.Content.ReadAsStreamAsync(cancellation);
        var used = 0;
        while (await answer.ReadAsync(buffer.AsMemory(used), cancellation) is var read and > 0)
        {
            used += read;
            if (used == buffer.Length)
            {
                Array.Resize(ref buffer, 2 * used);
            }
        }

        output.Add(customId.Span, (int)response.StatusCode, buffer.AsSpan(0, used));
        return buffer;
    }

    private static (ReadOnlyMemory<byte> CustomId, ReadOnlyMemory<byte> Body) Cut(ReadOnlyMemory<byte> line)
    {
        var (customId, body) = (ReadOnlyMemory<byte>.Empty, ReadOnlyMemory<byte>.Empty);
        var reader = new Utf8JsonReader(line.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isCustomId = reader.ValueTextEquals("custom_id"u8);
            var isBody = !isCustomId && reader.ValueTextEquals("body"u8);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            var value = line[start..(int)reader.BytesConsumed];
            customId = isCustomId ? value : customId;
            body = isBody ? value : body;
        }

        return (customId, body);
    }
}
