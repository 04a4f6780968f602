using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Phaseo.Orleans.Silo;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Observability;

/// <summary>The real host, one after the other on the same data folder, and a batch that is created over HTTP.</summary>
internal sealed class TraceScene : IAsyncDisposable
{
    /// <summary>Rows of its batch; the first word of each prompt is <see cref="Prompt"/>.</summary>
    public const int Rows = 20;

    public const string Prompt = "whisper";
    public const string Session = "session-7";
    private const string Key = "trace-key";

    private readonly TempFolder _folder = new();
    private WebApplication? _app;
    private HttpClient _client = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Starts a host whose model takes so long to answer.</summary>
    public async Task StartAsync(TimeSpan latency, double rowSpanShare)
    {
        var catalog = Path.Combine(_folder.Path, "catalog.json");
        await File.WriteAllTextAsync(
            catalog,
            $$$"""
            {"providers":[{"id":"simulator","kind":"simulator","max_concurrency":4,"simulator":{"latency_ms":{{{(int)latency.TotalMilliseconds}}},"output_tokens":5}}],
             "offers":[{"provider":"simulator","model":"sim/echo-small","upstream_model":"echo-small","endpoints":["/v1/chat/completions"],
               "batch":"relay","status":"active","prices":[]}]}
            """,
            Cancellation);
        var options = new SiloOptions { Urls = "http://127.0.0.1:0", DataFolder = Path.Combine(_folder.Path, "data"), CatalogPath = catalog, Key = Key };
        _app = SiloHost.Build(
            options,
            ["--environment=Development", FormattableString.Invariant($"--Batches:RowSpanShare={rowSpanShare}")],
            builder => builder.Logging.ClearProviders());
        await _app.StartAsync(Cancellation);
        _client = new() { BaseAddress = new(_app.Urls.Single()) };
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Key);
    }

    /// <summary>Stops the host as SIGTERM does.</summary>
    public async Task StopAsync()
    {
        await _app!.StopAsync(Cancellation);
        await _app.DisposeAsync();
        _client.Dispose();
        _app = null;
    }

    /// <summary>Uploads the rows and creates the batch; its id.</summary>
    public async Task<string> CreateAsync()
    {
        var input = string.Concat(Enumerable.Range(0, Rows).Select(row =>
            $$$"""{"custom_id":"row-{{{row}}}","method":"POST","url":"/v1/chat/completions","body":{"model":"sim/echo-small","messages":[{"role":"user","content":"{{{Prompt}}} {{{row}}}"}]}}""" + "\n"));
        using var form = new MultipartFormDataContent
        {
            { new StringContent("batch"), "purpose" },
            { new ByteArrayContent(Encoding.UTF8.GetBytes(input)), "file", "in.jsonl" },
        };
        using var uploaded = await _client.PostAsync("/v1/files", form, Cancellation);
        var file = (await uploaded.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("id").GetString();
        using var created = await _client.PostAsJsonAsync(
            "/v1/batches",
            new { input_file_id = file, endpoint = "/v1/chat/completions", completion_window = "24h", session_id = Session },
            Cancellation);
        return (await created.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("id").GetString()!;
    }

    /// <summary>Waits until the batch's object shows this.</summary>
    public Task<string> UntilAsync(string batch, string what, Func<JsonElement, bool> condition) => Patience.UntilAsync(what, async () =>
        condition(await _client.GetFromJsonAsync<JsonElement>($"/v1/batches/{batch}", Cancellation)) ? what : null);

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await StopAsync();
        }

        _folder.Dispose();
    }
}
