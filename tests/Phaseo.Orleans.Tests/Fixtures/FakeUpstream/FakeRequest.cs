using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>What a <see cref="FakeUpstream"/> takes from a request.</summary>
internal sealed record FakeRequest(HttpRequest Request, byte[] Body)
{
    /// <summary>Waits for the whole request.</summary>
    public static async Task<FakeRequest> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        using var body = new MemoryStream((int)(request.ContentLength ?? 0));
        await request.Body.CopyToAsync(body, cancellation);
        return new FakeRequest(request, body.ToArray());
    }

    /// <summary>The call under a number.</summary>
    public FakeCall ToCall(int number) => new()
    {
        Number = number,
        Path = Request.Path.Value ?? "",
        Key = Request.Headers["Idempotency-Key"].ToString(),
        Attempt = int.TryParse(Request.Headers["x-phaseo-attempt"], CultureInfo.InvariantCulture, out var attempt) ? attempt : 0,
        BodyHash = Convert.ToHexStringLower(SHA256.HashData(Body)),
        Marker = FindMarker(),
        StartedAt = TimeProvider.System.GetUtcNow(),
        Headers = Request.Headers.ToDictionary(
            x => x.Key, x => x.Value.ToString(), StringComparer.OrdinalIgnoreCase),
        Protocol = Request.Protocol,
    };

    private string? FindMarker()
    {
        try
        {
            using var document = JsonDocument.Parse(Body);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("user", out var user)
                && user.ValueKind == JsonValueKind.String
                ? user.GetString()
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
