using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Phaseo.Orleans.Silo;

namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>The real host on loopback and free ports, with a data folder of its own. One for a class of tests.</summary>
public class SiloFixture : IAsyncLifetime
{
    public const string Key = "test-key";

    private readonly TempFolder _folder = new();
    private WebApplication? _app;

    /// <summary>A client that carries the key.</summary>
    public HttpClient Client { get; private set; } = new();

    /// <summary>
    /// Two simulators: <c>sim/echo-small</c> answers at once, <c>sim/slow</c> not before the test is over.
    /// </summary>
    private const string Catalog = """
        {"providers":[
          {"id":"simulator","kind":"simulator","max_concurrency":64,"simulator":{"latency_ms":0,"output_tokens":5}},
          {"id":"sleeper","kind":"simulator","max_concurrency":64,"simulator":{"latency_ms":600000,"output_tokens":5}}],
         "offers":[
          {"provider":"simulator","model":"sim/echo-small","upstream_model":"echo-small","endpoints":["/v1/chat/completions"],
           "batch":"relay","status":"active","prices":[]},
          {"provider":"sleeper","model":"sim/slow","upstream_model":"slow","endpoints":["/v1/chat/completions"],
           "batch":"relay","status":"active","prices":[]}]}
        """;

    /// <summary>Where it listens.</summary>
    public Uri Address => new(_app!.Urls.Single());

    /// <summary>The host's services.</summary>
    public IServiceProvider Services => _app!.Services;

    /// <summary>Settings as arguments, <c>--Batches:MaxFileBytes=1000</c>.</summary>
    protected virtual string[] Arguments => [];

    /// <summary>Where to listen; port 0 is a free one.</summary>
    protected virtual string Url => "http://127.0.0.1:0";

    public async ValueTask InitializeAsync()
    {
        var catalog = Path.Combine(_folder.Path, "catalog.json");
        await File.WriteAllTextAsync(catalog, Catalog);
        var options = new SiloOptions
        {
            Urls = Url,
            DataFolder = Path.Combine(_folder.Path, "data"),
            CatalogPath = catalog,
            Key = Key,
        };
        _app = SiloHost.Build(options, ["--environment=Development", .. Arguments], Customise);
        await _app.StartAsync();
        Client = NewClient();
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Key);
    }

    /// <summary>A client without a key.</summary>
    public HttpClient NewClient() => new() { BaseAddress = Address };

    /// <summary>A service of the host.</summary>
    public T Get<T>()
        where T : notnull => _app!.Services.GetRequiredService<T>();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The last word on services and settings.</summary>
    protected virtual void Customise(WebApplicationBuilder builder) => builder.Logging.ClearProviders();
}
