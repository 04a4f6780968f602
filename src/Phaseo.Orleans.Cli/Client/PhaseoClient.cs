using System.Net.Http.Headers;
using System.Text.Json;

namespace Phaseo.Orleans.Cli.Client;

/// <summary>
/// Speaks the contract's routes with one server. Files are streamed. A request that may have been carried out is only
/// repeated where that is harmless: reads, and writes that carry an idempotency key.
/// </summary>
internal sealed class PhaseoClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly HttpSender _sender;

    /// <summary>A client of the server at <paramref name="server"/>, the part before <c>/v1</c>.</summary>
    public PhaseoClient(Uri server, string? key, TimeProvider time)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            // Big uploads wait for the server's word before they send their body.
            Expect100ContinueTimeout = TimeSpan.FromSeconds(5),
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = !server.IsLoopback,
        };

        // Streams take as long as they take; HttpSender limits the rest.
        _http = new HttpClient(handler) { BaseAddress = server, Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("phaseo", Product.Version));
        _sender = new HttpSender(_http, time);
    }

    /// <summary>Uploads an input file and gives its id.</summary>
    /// <param name="path">The file.</param>
    /// <param name="idempotencyKey">The same key gives the same file again.</param>
    /// <param name="sent">Told the bytes sent so far; starts again at 0 when the upload is retried.</param>
    /// <param name="cancellation">Ends the upload.</param>
    public async Task<string> UploadAsync(string path, string idempotencyKey, Action<long>? sent, CancellationToken cancellation)
    {
        using var answer = await _sender.SendAsync(
            () =>
            {
                var file = new UploadContent(path, sent);
                file.Headers.ContentType = new MediaTypeHeaderValue("application/jsonl");
                var request = new HttpRequestMessage(HttpMethod.Post, "v1/files")
                {
                    Content = new MultipartFormDataContent
                    {
                        { new StringContent("batch"), "purpose" },
                        { file, "file", Path.GetFileName(path) },
                    },
                };
                request.Headers.ExpectContinue = true;
                request.Headers.Add("Idempotency-Key", idempotencyKey);
                return request;
            },
            Timeout.InfiniteTimeSpan,
            cancellation);
        await using var body = await answer.Content.ReadAsStreamAsync(cancellation);
        var reply = await JsonSerializer.DeserializeAsync(body, ClientJson.Default.FileInfoReply, cancellation);
        return reply!.Id;
    }

    /// <summary>Creates a batch; the same key gives the same batch again.</summary>
    public Task<BatchInfo> CreateBatchAsync(NewBatch batch, string idempotencyKey, CancellationToken cancellation) => BatchAsync(
        () =>
        {
            var body = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(batch, ClientJson.Default.NewBatch));
            body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            var request = new HttpRequestMessage(HttpMethod.Post, "v1/batches") { Content = body };
            request.Headers.Add("Idempotency-Key", idempotencyKey);
            return request;
        },
        cancellation);

    /// <summary>One batch.</summary>
    public Task<BatchInfo> GetBatchAsync(string id, CancellationToken cancellation) =>
        BatchAsync(() => new HttpRequestMessage(HttpMethod.Get, "v1/batches/" + Uri.EscapeDataString(id)), cancellation);

    /// <summary>Asks a batch to stop. Repeating it is harmless.</summary>
    public Task<BatchInfo> CancelBatchAsync(string id, CancellationToken cancellation) => BatchAsync(
        () => new HttpRequestMessage(HttpMethod.Post, $"v1/batches/{Uri.EscapeDataString(id)}/cancel"), cancellation);

    /// <summary>A page of batches, newest first.</summary>
    public async Task<BatchPage> ListBatchesAsync(BatchFilter filter, CancellationToken cancellation)
    {
        var path = "v1/batches" + QueryText.Of(filter);
        using var answer = await _sender.SendAsync(() => new HttpRequestMessage(HttpMethod.Get, path), HttpSender.AnswerLimit, cancellation);
        var raw = await ReadAsync(answer, cancellation);
        var more = raw.TryGetProperty("has_more", out var value) && value.ValueKind == JsonValueKind.True;
        return new([.. raw.GetProperty("data").EnumerateArray().Select(ToBatch)], more, raw);
    }

    /// <summary>Copies a file's content; goes on where it stopped when the connection breaks.</summary>
    /// <param name="fileId">The file.</param>
    /// <param name="target">Written forward only.</param>
    /// <param name="received">Told the bytes received so far.</param>
    /// <param name="cancellation">Ends the download.</param>
    public async Task DownloadAsync(string fileId, Stream target, Action<long>? received, CancellationToken cancellation)
    {
        var path = $"v1/files/{Uri.EscapeDataString(fileId)}/content";
        var download = new Download(_sender, path);
        await download.CopyToAsync(target, received, cancellation);
    }

    /// <summary>The difference between the server's clock and <paramref name="now"/>; null if the server is silent about it.</summary>
    public async Task<TimeSpan?> ReadClockSkewAsync(DateTimeOffset now, CancellationToken cancellation)
    {
        using var answer = await _sender.SendAsync(
            () => new HttpRequestMessage(HttpMethod.Get, "v1/batches?limit=1"), HttpSender.AnswerLimit, cancellation);
        return answer.Headers.Date - now;
    }

    public void Dispose() => _http.Dispose();

    private async Task<BatchInfo> BatchAsync(Func<HttpRequestMessage> make, CancellationToken cancellation)
    {
        using var answer = await _sender.SendAsync(make, HttpSender.AnswerLimit, cancellation);
        return ToBatch(await ReadAsync(answer, cancellation));
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        await using var body = await answer.Content.ReadAsStreamAsync(cancellation);
        using var document = await JsonDocument.ParseAsync(body, cancellationToken: cancellation);
        return document.RootElement.Clone();
    }

    private static BatchInfo ToBatch(JsonElement raw) => raw.Deserialize(ClientJson.Default.BatchInfo)! with { Raw = raw };
}
