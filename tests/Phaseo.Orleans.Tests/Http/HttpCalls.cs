using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Phaseo.Orleans.Tests.Http;

/// <summary>Requests and answers in one line each.</summary>
internal static class HttpCalls
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<HttpResponseMessage> PostFormAsync(
        this HttpClient client, string path, Form form, params (string Name, string Value)[] headers)
    {
        using var content = new ByteArrayContent(form.ToBytes());
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(Form.ContentType);
        return await client.PostAsync(path, content, headers);
    }

    public static async Task<HttpResponseMessage> PostJsonAsync(
        this HttpClient client, string path, string json, params (string Name, string Value)[] headers)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        return await client.PostAsync(path, content, headers);
    }

    public static async Task<HttpResponseMessage> GetRangeAsync(this HttpClient client, string path, string range)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Range", range);
        return await client.SendAsync(request, Cancellation);
    }

    /// <summary>Uploads a file and gives its id.</summary>
    public static async Task<string> UploadAsync(this HttpClient client, string content, string name = "in.jsonl")
    {
        var quoted = name.Replace("\"", "\\\"", StringComparison.Ordinal);
        using var response = await client.PostFormAsync("/v1/files", new Form().Part("purpose").File(quoted, content));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using var json = await response.JsonAsync();
        return json.Text("id")!;
    }

    public static Task<string> TextAsync(this HttpResponseMessage response) => response.Content.ReadAsStringAsync(Cancellation);

    public static async Task<JsonDocument> JsonAsync(this HttpResponseMessage response) =>
        JsonDocument.Parse(await response.TextAsync());

    public static async Task<JsonDocument> JsonAsync(this Task<HttpResponseMessage> pending)
    {
        using var response = await pending;
        return await response.JsonAsync();
    }

    public static string? Text(this JsonDocument json, string name) => json.RootElement.GetProperty(name).GetString();

    public static long Number(this JsonDocument json, string name) => json.RootElement.GetProperty(name).GetInt64();

    public static string? Error(this JsonDocument json, string name) =>
        json.RootElement.GetProperty("error").GetProperty(name).GetString();

    public static IEnumerable<string?> Ids(this JsonDocument list) =>
        list.RootElement.GetProperty("data").EnumerateArray().Select(item => item.GetProperty("id").GetString());

    private static async Task<HttpResponseMessage> PostAsync(
        this HttpClient client, string path, HttpContent content, (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await client.SendAsync(request, Cancellation);
    }
}
