using System.Collections.Concurrent;
using System.Threading.Channels;
using k8s;
using k8s.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Phaseo.Orleans.Tests.Deploy;

/// <summary>The part of Kubernetes' API that a silo asks: the pods of a namespace, once and as they change.</summary>
internal sealed class KubernetesApi : IAsyncDisposable
{
    public const string Namespace = "phaseo-test";

    private readonly WebApplication _app;
    private readonly Channel<string> _changes = Channel.CreateUnbounded<string>();
    private readonly ConcurrentDictionary<string, V1Pod> _pods = new();
    private readonly ConcurrentQueue<string> _asked = new();

    private KubernetesApi()
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.MapGet($"/api/v1/namespaces/{Namespace}/pods/{{name}}", (string name) => Answer("get", _pods[name]));
        _app.MapGet($"/api/v1/namespaces/{Namespace}/pods", (HttpContext http, bool? watch) => watch == true ? WatchAsync(http) : ListAsync(http));
        _app.MapFallback((HttpContext http) =>
        {
            _asked.Enqueue($"{http.Request.Method} {http.Request.Path}");
            return Results.StatusCode(403);
        });
    }

    /// <summary>Where it listens.</summary>
    public string Url => _app.Urls.Single();

    /// <summary>What silos did, in the words of a role's rules; what none of its routes answers, as it came.</summary>
    public IReadOnlyCollection<string> Verbs => [.. _asked.Distinct().Order(StringComparer.Ordinal)];

    public static async Task<KubernetesApi> StartAsync()
    {
        var api = new KubernetesApi();
        await api._app.StartAsync(TestContext.Current.CancellationToken);
        return api;
    }

    /// <summary>A pod runs.</summary>
    public void Add(string name, IDictionary<string, string> labels) =>
        _pods[name] = new() { ApiVersion = "v1", Kind = "Pod", Metadata = new() { Name = name, NamespaceProperty = Namespace, Labels = labels } };

    /// <summary>A pod is gone.</summary>
    public void Remove(string name)
    {
        _pods.TryRemove(name, out var pod);
        _changes.Writer.TryWrite($$"""{"type":"DELETED","object":{{KubernetesJson.Serialize(pod)}}}""" + "\n");
    }

    public async ValueTask DisposeAsync()
    {
        _changes.Writer.Complete();
        await _app.DisposeAsync();
    }

    private IResult Answer(string verb, object answer)
    {
        _asked.Enqueue(verb);
        return Results.Text(KubernetesJson.Serialize(answer), "application/json");
    }

    private Task ListAsync(HttpContext http) => Answer("list", new V1PodList
    {
        ApiVersion = "v1",
        Kind = "PodList",
        Metadata = new() { ResourceVersion = "1" },
        Items = [.. _pods.Values.Where(pod => IsAskedFor(http, pod))],
    }).ExecuteAsync(http);

    private async Task WatchAsync(HttpContext http)
    {
        _asked.Enqueue("watch");
        http.Response.ContentType = "application/json";
        await http.Response.StartAsync(http.RequestAborted);
        await foreach (var change in _changes.Reader.ReadAllAsync(http.RequestAborted))
        {
            await http.Response.WriteAsync(change, http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
        }
    }

    private static bool IsAskedFor(HttpContext http, V1Pod pod) => http.Request.Query["labelSelector"].ToString().Split(',')
        .Select(pair => pair.Split('=')).All(pair => pod.Metadata.Labels.TryGetValue(pair[0], out var value) && value == pair[1]);
}
