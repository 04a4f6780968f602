using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Http;

/// <summary>Every error that a client can meet, in one golden file: status, telling headers, body.</summary>
public sealed partial class ErrorShapeTests(ErrorShapeTests.Silo silo) : IClassFixture<ErrorShapeTests.Silo>
{
    private const string NoBatch = "/v1/batches/batch_01hzy0000000000000000000aa";
    private const string NoFile = "/v1/files/file-01hzy0000000000000000000aa";
    private static readonly string[] TellingHeaders = ["Retry-After", "x-should-retry", "WWW-Authenticate", "Content-Range"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_error_has_openais_form_and_a_request_id()
    {
        var file = await silo.Client.UploadAsync("0123456789");
        (string Name, HttpRequestMessage Request)[] all =
        [
            ("no key", Get("/v1/files", key: null)),
            ("wrong key", Get("/v1/files", key: "Bearer nope")),
            ("other scheme", Get("/v1/files", key: "Basic dGVzdC1rZXk=")),
            ("no such route", Get("/v1/nothing")),
            ("route that is not built yet", Get(NoBatch + "/events")),
            ("wrong method", new(HttpMethod.Put, "/v1/batches")),
            ("no such batch", Get(NoBatch)),
            ("no such file", Get(NoFile)),
            ("no such content", Get(NoFile + "/content")),
            ("create without a type", Post("/v1/batches", "{}", type: null)),
            ("create with another type", Post("/v1/batches", "{}", "text/plain")),
            ("create without a body", Post("/v1/batches", "")),
            ("create with broken json", Post("/v1/batches", "{\"a\":\n [1,}")),
            ("create with an unknown field", Post("/v1/batches", "{\"input_file_id\":\"f\",\"endpoint\":\"/v1/embeddings\",\"x\":1}")),
            ("create without a field", Post("/v1/batches", "{}")),
            ("create with a webhook", Post("/v1/batches", "{\"input_file_id\":\"f\",\"endpoint\":\"/v1/embeddings\",\"webhook\":{}}")),
            ("create for another endpoint", Post("/v1/batches", "{\"input_file_id\":\"f\",\"endpoint\":\"/v1/audio\"}")),
            ("create with a bad window", Post("/v1/batches", "{\"input_file_id\":\"f\",\"endpoint\":\"/v1/embeddings\",\"completion_window\":\"1y\"}")),
            ("create with bad metadata", Post("/v1/batches", "{\"input_file_id\":\"f\",\"endpoint\":\"/v1/embeddings\",\"metadata\":[]}")),
            ("create of no file", Post("/v1/batches", "{\"input_file_id\":\"f\",\"endpoint\":\"/v1/embeddings\"}")),
            ("create too large", Post("/v1/batches", new string(' ', 1024 * 1024 + 1))),
            ("list out of bounds", Get("/v1/batches?limit=101")),
            ("upload without a form", Post("/v1/files", "{}")),
            ("upload cut short", Post("/v1/files", $"--{Form.Boundary}\r\nContent-Disposition: form-data; name=purpose\r\n\r\nba", Form.ContentType)),
            ("upload without a file", Post("/v1/files", $"--{Form.Boundary}--\r\n", Form.ContentType)),
            ("upload too large", Upload(new string('x', 1001))),
            ("range outside a file", Range($"/v1/files/{file}/content", "bytes=10-")),
        ];

        var shapes = new StringBuilder("{");
        foreach (var (name, request) in all)
        {
            using var response = await silo.Client.SendAsync(request, Cancellation);
            Assert.StartsWith("req_", response.Headers.GetValues("x-request-id").Single(), StringComparison.Ordinal);
            Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
            shapes.Append(shapes.Length == 1 ? "" : ",").Append(await ShapeAsync(name, response));
            request.Dispose();
        }

        Golden.Check("errors", shapes.Append('}').ToString());
    }

    [Fact]
    public async Task Outside_of_v1_errors_are_problem_details()
    {
        using var response = await silo.Client.GetAsync("/nothing", Cancellation);

        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("""{"title":"Not Found","status":404,"detail":"Invalid URL (GET /nothing)"}""", await response.TextAsync());
    }

    private static HttpRequestMessage Get(string path, string? key = "Bearer " + SiloFixture.Key)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        // The client adds its own key only where there is none.
        request.Headers.TryAddWithoutValidation("Authorization", key ?? "");
        return request;
    }

    private static HttpRequestMessage Post(string path, string body, string? type = "application/json")
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        return new(HttpMethod.Post, path) { Content = content };
    }

    private static HttpRequestMessage Upload(string content) =>
        Post("/v1/files", Encoding.UTF8.GetString(new Form().Part("purpose").File("a", content).ToBytes()), Form.ContentType);

    private static HttpRequestMessage Range(string path, string range)
    {
        var request = Get(path);
        request.Headers.TryAddWithoutValidation("Range", range);
        return request;
    }

    private static async Task<string> ShapeAsync(string name, HttpResponseMessage response)
    {
        var headers = TellingHeaders
            .Select(header => (header, Value: Value(response, header)))
            .Where(header => header.Value is not null)
            .Select(header => $"{JsonSerializer.Serialize(header.header)}:{JsonSerializer.Serialize(header.Value)},");
        var body = FileIds().Replace(await response.TextAsync(), "file-ID");
        return $"{JsonSerializer.Serialize(name)}:{{\"status\":{(int)response.StatusCode},{string.Concat(headers)}\"body\":{body}}}";
    }

    private static string? Value(HttpResponseMessage response, string header) =>
        response.Headers.TryGetValues(header, out var values) || response.Content.Headers.TryGetValues(header, out values)
            ? values.Single()
            : null;

    [GeneratedRegex("file-[0-9a-z]{26}")]
    private static partial Regex FileIds();

    public sealed class Silo : SiloFixture
    {
        protected override string[] Arguments => ["--Batches:MaxFileBytes=1000"];
    }
}
