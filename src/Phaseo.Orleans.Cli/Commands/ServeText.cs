using System.Text.Json;
using System.Text.Json.Serialization;

namespace Phaseo.Orleans.Cli.Commands;

/// <summary>What a server says of itself when it is ready.</summary>
internal static class ServeText
{
    /// <summary>For people.</summary>
    public static void Write(TextWriter writer, IReadOnlyList<string> urls, bool hasApi, string? dataFolder, string? newKey)
    {
        foreach (var url in urls)
        {
            writer.WriteLine(hasApi
                ? $"Listening on {url} (API {url}/v1, reference {url}/docs)"
                : $"Listening on {url} (a worker: health {url}/healthz/ready and {url}/metrics, no API)");
        }

        writer.WriteLine($"Data in {dataFolder ?? "the Azure Storage account"}");
        if (newKey is not null)
        {
            writer.WriteLine($"Key {newKey} (made for this start and shown once; --key or PHASEO_KEY sets one)");
        }
    }

    /// <summary>For programs: one line.</summary>
    public static string Json(IReadOnlyList<string> urls, string? dataFolder, string? newKey) =>
        JsonSerializer.Serialize(new ServeReady(urls, dataFolder, newKey), ServeJson.Default.ServeReady);
}

/// <summary>The form of <c>serve --json</c>.</summary>
internal sealed record ServeReady(IReadOnlyList<string> Urls, string? DataFolder, string? Key);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ServeReady))]
internal sealed partial class ServeJson : JsonSerializerContext;
