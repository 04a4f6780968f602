using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Phaseo.Orleans.Testing;

/// <summary>
/// A client that outlives the server it talks to: it sends again what was cut off or refused for now, under the same
/// <c>Idempotency-Key</c>, as OpenAI's libraries do.
/// </summary>
internal sealed class BatchClient : IDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(50);
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });
    private readonly string _idempotencyKey = Guid.NewGuid().ToString("N");
    private readonly CancellationToken _cancellation;

    /// <summary>A client with a workspace's key.</summary>
    public BatchClient(string key, CancellationToken cancellation)
    {
        _cancellation = cancellation;
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    /// <summary>How long an answer is waited for. Default: 100 seconds.</summary>
    public TimeSpan Patience
    {
        set => _http.Timeout = value;
    }

    /// <summary>Where the server is now.</summary>
    public Uri Server { get; set; } = null!;

    public void Dispose() => _http.Dispose();

    /// <summary>Uploads a file; its id.</summary>
    /// <exception cref="HttpRequestException">The server has gone.</exception>
    public async Task<string> UploadAsync(string path)
    {
        var bytes = await File.ReadAllBytesAsync(path, _cancellation);
        return await CreateAsync("/v1/files", () => new MultipartFormDataContent
        {
            { new StringContent("batch"), "purpose" },
            { new ByteArrayContent(bytes), "file", "in.jsonl" },
        });
    }

    /// <summary>Creates a batch, or gets the one that an earlier call created; its id.</summary>
    /// <exception cref="HttpRequestException">The server has gone.</exception>
    public Task<string> CreateAsync(string fileId, string window)
    {
        var body = $$"""{"input_file_id":"{{fileId}}","endpoint":"/v1/chat/completions","completion_window":"{{window}}"}""";
        return CreateAsync("/v1/batches", () => new StringContent(body, Encoding.UTF8, "application/json"));
    }

    /// <summary>Asks the batch to stop; what it says then.</summary>
    public async Task<JsonElement> CancelAsync(string batchId)
    {
        using var response = await _http.PostAsync(new Uri(Server, $"/v1/batches/{batchId}/cancel"), null, _cancellation);
        return await ReadAsync(response);
    }

    /// <summary>The batch object.</summary>
    public async Task<JsonElement> GetAsync(string batchId)
    {
        using var response = await _http.GetAsync(new Uri(Server, $"/v1/batches/{batchId}"), _cancellation);
        return await ReadAsync(response);
    }

    /// <summary>The batch objects of the first page.</summary>
    public async Task<IReadOnlyList<JsonElement>> ListAsync()
    {
        using var response = await _http.GetAsync(new Uri(Server, "/v1/batches"), _cancellation);
        return [.. (await ReadAsync(response)).GetProperty("data").EnumerateArray()];
    }

    /// <summary>Any answer, as it is.</summary>
    public Task<HttpResponseMessage> AskAsync(string path) => _http.GetAsync(new Uri(Server, path), _cancellation);

    /// <summary>Copies a file's content.</summary>
    public async Task DownloadAsync(string fileId, string path)
    {
        using var response = await _http.GetAsync(new Uri(Server, $"/v1/files/{fileId}/content"), _cancellation);
        response.EnsureSuccessStatusCode();
        await using var copy = File.Create(path);
        await response.Content.CopyToAsync(copy, _cancellation);
    }

    private async Task<string> CreateAsync(string path, Func<HttpContent> content)
    {
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Server, path))
            {
                Content = content(),
                Headers = { { "Idempotency-Key", _idempotencyKey } },
            };
            using var response = await _http.SendAsync(request, _cancellation);
            if (response.StatusCode != HttpStatusCode.Conflict)
            {
                return (await ReadAsync(response)).GetProperty("id").GetString()!;
            }

            await Task.Delay(response.Headers.RetryAfter?.Delta ?? RetryPause, TimeProvider.System, _cancellation);
        }
    }

    private async Task<JsonElement> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync(_cancellation);
        if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
        {
            // A silo that stops says so until it is gone.
            throw new HttpRequestException("The server cannot answer now.", null, response.StatusCode);
        }

        return response.IsSuccessStatusCode
            ? JsonDocument.Parse(text).RootElement
            : throw new InvalidOperationException($"{response.RequestMessage!.RequestUri!.AbsolutePath} answered {(int)response.StatusCode}: {text}");
    }
}
