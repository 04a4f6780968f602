using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Phaseo.Orleans.Tests.Cli;

/// <summary>
/// A server of the contract whose answers are written by the test, so that the command line can be shown every state
/// and every fault. Only what the command line asks for is there.
/// </summary>
internal sealed class StubServer : IAsyncDisposable
{
    public const string BatchId = "batch_01stub";
    public const string Key = "stub-key";

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly ConcurrentQueue<JsonObject> _states = new();
    private readonly ConcurrentDictionary<string, byte[]> _files = new();

    private StubServer(WebApplication app) => _app = app;

    /// <summary>Its address.</summary>
    public string Url => _app.Urls.First();

    /// <summary>What was asked, <c>GET /v1/batches?limit=2</c>, in order.</summary>
    public IReadOnlyList<string> Requests => [.. _requests];

    /// <summary>The uploaded files' content.</summary>
    public ConcurrentQueue<string> Uploads { get; } = new();

    /// <summary>The bodies that batches were created with.</summary>
    public ConcurrentQueue<JsonNode> Created { get; } = new();

    /// <summary>Idempotency keys in the order of their requests.</summary>
    public ConcurrentQueue<string> Keys { get; } = new();

    /// <summary>May answer a request in the server's place: true, and it is done.</summary>
    public Func<HttpContext, Task<bool>>? Intercept { get; set; }

    public static async Task<StubServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var server = new StubServer(app);
        app.Use(server.AnswerAsync);
        app.MapPost("/v1/files", (Delegate)server.UploadAsync);
        app.MapGet("/v1/files/{id}/content", (string id) =>
            server._files.TryGetValue(id, out var content) ? Results.Bytes(content, enableRangeProcessing: true) : Results.NotFound());
        app.MapPost("/v1/batches", (Delegate)server.CreateAsync);
        app.MapGet("/v1/batches/{id}", () => Json(server.NextState()));
        app.MapPost("/v1/batches/{id}/cancel", () => Json(State("cancelling", 3, 1, 0)));
        app.MapGet("/v1/batches", () => Json(new JsonObject
        {
            ["object"] = "list",
            ["data"] = new JsonArray(State("completed", 1200, 1199, 1), State("in_progress", 50, 10, 0)),
            ["has_more"] = true,
        }));
        await app.StartAsync();
        return server;
    }

    /// <summary>A batch object.</summary>
    public static JsonObject State(string status, int total, int completed, int failed) => new()
    {
        ["id"] = BatchId,
        ["object"] = "batch",
        ["endpoint"] = "/v1/chat/completions",
        ["model"] = "sim/echo-small",
        ["status"] = status,
        ["created_at"] = 1_795_000_000,
        ["expires_at"] = 1_795_086_400,
        ["request_counts"] = new JsonObject { ["total"] = total, ["completed"] = completed, ["failed"] = failed },
        ["usage"] = new JsonObject { ["input_tokens"] = completed * 10, ["output_tokens"] = completed * 24, ["total_tokens"] = completed * 34 },
        ["x_unknown"] = "kept",
    };

    /// <summary>What the next looks at the batch see; the last stays.</summary>
    public StubServer WillBe(params JsonObject[] states)
    {
        foreach (var state in states)
        {
            _states.Enqueue(state);
        }

        return this;
    }

    /// <summary>Puts a file there.</summary>
    public StubServer Holds(string fileId, string content)
    {
        _files[fileId] = System.Text.Encoding.UTF8.GetBytes(content);
        return this;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static IResult Json(JsonNode node, int status = 200) => Results.Text(node.ToJsonString(), "application/json", null, status);

    private JsonObject NextState()
    {
        Assert.True(_states.TryPeek(out var state), "The test gave no state of the batch.");
        if (_states.Count > 1)
        {
            _states.TryDequeue(out _);
        }

        return state;
    }

    private async Task AnswerAsync(HttpContext context, RequestDelegate next)
    {
        _requests.Enqueue($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}");
        if (Intercept is { } intercept && await intercept(context))
        {
            return;
        }

        if (context.Request.Headers.Authorization != "Bearer " + Key)
        {
            await ErrorAsync(context, 401, "That key is not known.", "authentication_error", "invalid_api_key");
            return;
        }

        if (context.Request.Headers.TryGetValue("Idempotency-Key", out var key))
        {
            Keys.Enqueue(key.ToString());
        }

        await next(context);
    }

    /// <summary>Answers with the contract's error body.</summary>
    public static Task ErrorAsync(HttpContext context, int status, string message, string type, string code)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.Headers["x-request-id"] = "req_1";
        return context.Response.WriteAsync(new JsonObject
        {
            ["error"] = new JsonObject { ["message"] = message, ["type"] = type, ["param"] = null, ["code"] = code },
        }.ToJsonString());
    }

    private async Task<IResult> UploadAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync();
        Assert.Equal("batch", form["purpose"].ToString());
        using var reader = new StreamReader(form.Files["file"]!.OpenReadStream());
        Uploads.Enqueue(await reader.ReadToEndAsync());
        return Json(new JsonObject { ["id"] = "file-in", ["bytes"] = form.Files["file"]!.Length });
    }

    private async Task<IResult> CreateAsync(HttpContext context)
    {
        Created.Enqueue((await JsonNode.ParseAsync(context.Request.Body))!);
        return Json(State("validating", 0, 0, 0));
    }
}
