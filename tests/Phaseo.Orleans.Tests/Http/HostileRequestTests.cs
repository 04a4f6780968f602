using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Http;

/// <summary>
/// What no well-meaning client sends. Every row has its outcome; for all of them nothing is stored, no answer is a
/// 5xx, and the silo is well afterwards.
/// </summary>
public sealed class HostileRequestTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    private const string Upload = "POST /v1/files";
    private const string Create = "POST /v1/batches";
    private const string FileHeader = "Content-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n";
    private static readonly string Edge = $"--{Form.Boundary}\r\n";

    private static readonly Dictionary<string, Request> Requests = new()
    {
        ["10,000 parts"] = new(Upload, Form.ContentType, Text(string.Concat(Enumerable.Repeat(Edge + "\r\n\r\n", 10_000)))),
        ["10,000 files"] = new(Upload, Form.ContentType, Text(string.Concat(Enumerable.Repeat(Edge + FileHeader + "\r\n{}\r\n", 10_000)))),
        ["a part header of 1 MB"] = new(Upload, Form.ContentType, Text(Edge + "x-a: " + new string('a', 1_000_000) + "\r\n\r\n")),
        ["1,000 part headers"] = new(Upload, Form.ContentType, Text(Edge + string.Concat(Enumerable.Repeat("x-a: b\r\n", 1000)) + "\r\n")),
        ["a preamble of 1 MB"] = new(Upload, Form.ContentType, Text(new string('a', 1_000_000) + "\r\n" + Edge)),
        ["a boundary of 1,000"] = new(Upload, "multipart/form-data; boundary=" + new string('b', 1000), Text("--b\r\n")),
        ["no boundary"] = new(Upload, "multipart/form-data", Text(Edge)),
        ["a purpose of 1 MB"] = new(Upload, Form.ContentType, new Form().Field("purpose", new string('b', 1_000_000)).ToBytes()),
        ["a purpose that is no text"] = new(Upload, Form.ContentType, [.. Text(Edge + "Content-Disposition: form-data; name=\"purpose\"\r\n\r\n"), 0xC3, 0x28, .. Text($"\r\n--{Form.Boundary}--\r\n")]),
        ["an upload cut at 99 %"] = new(Upload, Form.ContentType, Cut(new Form().Part("purpose").File("a", new string('x', 100_000)).ToBytes()), Missing: 1000),
        ["an upload that ends before its last boundary"] = new(Upload, Form.ContentType, Cut(new Form().Part("purpose").File("a", new string('x', 100_000)).ToBytes())),
        ["an upload that says it has 10 TB"] = new(Upload, Form.ContentType, Text(Edge + FileHeader), Missing: 10_000_000_000_000),
        ["json 1,000 deep"] = new(Create, "application/json", Text("{\"metadata\":" + new string('[', 1000) + new string(']', 1000) + "}")),
        ["json 100,000 deep"] = new(Create, "application/json", Text(new string('[', 100_000))),
        ["json that is not utf-8"] = new(Create, "application/json", [.. "{\"endpoint\":\""u8, 0xC3, 0x28, .. "\"}"u8]),
        ["json in utf-16"] = new(Create, "application/json", Encoding.Unicode.GetBytes("{\"endpoint\":\"/v1/embeddings\"}")),
        ["json with NUL"] = new(Create, "application/json", "{\"endpoint\":\"\0\"}"u8.ToArray()),
        ["json with half a surrogate pair"] = new(Create, "application/json", "{\"session_id\":\"\\ud800\"}"u8.ToArray()),
        ["json with a name twice"] = new(Create, "application/json", "{\"endpoint\":\"a\",\"endpoint\":\"b\"}"u8.ToArray()),
        ["json with 1e400"] = new(Create, "application/json", "{\"input_file_id\":1e400}"u8.ToArray()),
        ["json with 50,000 names"] = new(Create, "application/json", Text("{" + string.Join(',', Enumerable.Range(0, 50_000).Select(i => $"\"n{i}\":1")) + "}")),
        ["json that is a zip"] = new(Create, "application/json", "PK\u0003\u0004\u0014\0\0\0"u8.ToArray()),
        ["json of 2 MB"] = new(Create, "application/json", Text(new string(' ', 2_000_000))),
        ["json cut short"] = new(Create, "application/json", "{\"input_file_id\":"u8.ToArray(), Missing: 10),
        ["json in gzip"] = new(Create, "application/json\r\nContent-Encoding: gzip", [0x1F, 0x8B, 8, 0]),
        ["json in another charset"] = new(Create, "application/json; charset=utf-7", "{}"u8.ToArray()),
        ["an id that climbs"] = new("GET /v1/files/..%2F..%2Fetc%2Fpasswd/content", null, []),
        ["an id with line breaks"] = new("GET /v1/batches/batch_%0D%0Ax-evil:1", null, []),
        ["an id with NUL"] = new("GET /v1/batches/%00", null, []),
        ["an id that is not utf-8"] = new("GET /v1/batches/%C3%28", null, []),
        ["a status that is not utf-8"] = new("GET /v1/batches?status=%C3%28", null, []),
        ["a limit with NUL"] = new("GET /v1/batches?limit=%00", null, []),
        ["a pair without an end"] = new("GET /v1/batches?metadata[=1&limit=0", null, []),
        ["1,000 pairs"] = new("GET /v1/batches?" + string.Join('&', Enumerable.Range(0, 500).Select(i => $"metadata[{i}]=1")), null, []),
        ["a path of 20 KB"] = new("GET /v1/batches/" + new string('a', 20_000), null, []),
        ["a length that is no number"] = new(Create, "application/json\r\nContent-Length: x", "{}"u8.ToArray()),
        ["two lengths"] = new(Create, "application/json\r\nContent-Length: 1", "{}"u8.ToArray()),
        ["a header of 40 KB"] = new("GET /v1/batches", "x\r\nx-a: " + new string('a', 40_000), []),
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("10,000 parts", 400)]
    [InlineData("10,000 files", 400)]
    [InlineData("a part header of 1 MB", 400)]
    [InlineData("1,000 part headers", 400)]
    [InlineData("a preamble of 1 MB", 400)]
    [InlineData("a boundary of 1,000", 415)]
    [InlineData("no boundary", 415)]
    [InlineData("a purpose of 1 MB", 400)]
    [InlineData("a purpose that is no text", 400)]
    [InlineData("an upload cut at 99 %", null)]
    [InlineData("an upload that ends before its last boundary", 400)]
    [InlineData("an upload that says it has 10 TB", 413)]
    [InlineData("json 1,000 deep", 400)]
    [InlineData("json 100,000 deep", 400)]
    [InlineData("json that is not utf-8", 400)]
    [InlineData("json in utf-16", 400)]
    [InlineData("json with NUL", 400)]
    [InlineData("json with half a surrogate pair", 400)]
    [InlineData("json with a name twice", 400)]
    [InlineData("json with 1e400", 400)]
    [InlineData("json with 50,000 names", 400)]
    [InlineData("json that is a zip", 400)]
    [InlineData("json of 2 MB", 413)]
    [InlineData("json cut short", null)]
    [InlineData("json in gzip", 415)]
    [InlineData("json in another charset", 415)]
    [InlineData("an id that climbs", 404)]
    [InlineData("an id with line breaks", 404)]
    [InlineData("an id with NUL", 400)]
    [InlineData("an id that is not utf-8", 404)]
    [InlineData("a status that is not utf-8", 400)]
    [InlineData("a limit with NUL", 400)]
    [InlineData("a pair without an end", 400)]
    [InlineData("1,000 pairs", 400)]
    [InlineData("a path of 20 KB", 414)]
    [InlineData("a length that is no number", 400)]
    [InlineData("two lengths", 400)]
    [InlineData("a header of 40 KB", 431)]
    public async Task A_hostile_request_has_its_outcome_and_leaves_nothing(string name, int? status)
    {
        // Null: a client that ends its side is gone for the server, and gets no answer.
        var isGone = status is null;

        var answer = await SendAsync(Requests[name], isGone);

        Assert.StartsWith(isGone ? "" : $"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("HTTP/1.1 5", answer, StringComparison.Ordinal);
        Assert.Empty(await StoredAsync());
        using var health = await silo.Client.GetAsync("/healthz/ready", Cancellation);
        Assert.True(health.IsSuccessStatusCode);
    }

    [Fact]
    public async Task A_client_that_leaves_in_the_middle_of_its_upload_leaves_nothing()
    {
        var body = new Form().Part("purpose").File("a", new string('x', 100_000)).ToBytes();
        using var client = await ConnectAsync();
        await client.GetStream().WriteAsync(Head(new(Upload, Form.ContentType, body)), Cancellation);
        await client.GetStream().WriteAsync(body.AsMemory(0, body.Length / 2), Cancellation);

        client.Client.Close(timeout: 0); // a reset, not an end

        Assert.Empty(await StoredAsync());
        using var health = await silo.Client.GetAsync("/healthz/ready", Cancellation);
        Assert.True(health.IsSuccessStatusCode);
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Cut(byte[] body) => body[..^1000];

    private static byte[] Head(Request request)
    {
        var head = new StringBuilder()
            .Append(request.Line).Append(" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer ")
            .Append(SiloFixture.Key).Append("\r\n");
        if (request.ContentType is not null)
        {
            head.Append("Content-Type: ").Append(request.ContentType).Append("\r\n");
        }

        if (request.Line.StartsWith("POST", StringComparison.Ordinal))
        {
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {request.Body.Length + request.Missing}\r\n");
        }

        return Text(head.Append("\r\n").ToString());
    }

    private async Task<string> SendAsync(Request request, bool isGone)
    {
        using var client = await ConnectAsync();
        var stream = client.GetStream();
        var reading = ReadAsync(stream);
        try
        {
            await stream.WriteAsync(Head(request), Cancellation);
            await stream.WriteAsync(request.Body, Cancellation);
            if (isGone)
            {
                client.Client.Shutdown(SocketShutdown.Send);
            }
        }
        catch (IOException)
        {
            // The server need not read to the end what it refuses.
        }

        return await reading;
    }

    private static async Task<string> ReadAsync(NetworkStream stream)
    {
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            while (await stream.ReadAsync(buffer, Cancellation) is > 0 and var read)
            {
                answer.Append(Encoding.UTF8.GetString(buffer, 0, read));
            }
        }
        catch (IOException)
        {
            // Closed with a reset; what came before it is the answer.
        }

        return answer.ToString();
    }

    private async Task<TcpClient> ConnectAsync()
    {
        var client = new TcpClient();
        await client.ConnectAsync(silo.Address.Host, silo.Address.Port, Cancellation);
        return client;
    }

    private async Task<List<string>> StoredAsync()
    {
        var names = new List<string>();
        await foreach (var name in silo.Get<IBlobStore>().ListAsync("default/", Cancellation))
        {
            names.Add(name);
        }

        return names;
    }

    /// <param name="Line">Method and target.</param>
    /// <param name="ContentType">The type, and whatever headers come with it.</param>
    /// <param name="Body">What is sent.</param>
    /// <param name="Missing">Bytes announced and not sent.</param>
    private sealed record Request(string Line, string? ContentType, byte[] Body, long Missing = 0);
}
