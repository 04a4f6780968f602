using System.Security.Cryptography;
using System.Text;

namespace Phaseo.Orleans.Claims;

/// <summary>Which requests share a claim: <c>{workspace}:{route}:{SHA-256 in lower-case hex}</c>.</summary>
internal static class ClaimKey
{
    /// <summary>With a key, the workspace's requests that carry it; without, one API key's requests of equal body.</summary>
    public static string Of(string workspace, string route, string? idempotencyKey, string apiKeyId, string bodyHash) =>
        $"{workspace}:{route}:{Hash(idempotencyKey ?? BodyOf(apiKeyId, bodyHash))}";

    // No header value holds a NUL, so that no key a client can choose meets a claim made without one.
    private static string BodyOf(string apiKeyId, string bodyHash) => $"{apiKeyId}\0{bodyHash}";

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
