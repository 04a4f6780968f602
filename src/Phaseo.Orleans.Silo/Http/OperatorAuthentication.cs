using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Phaseo.Orleans.Silo.Http;

/// <summary>
/// Lets operators in by their own bearer key. Without one configured only this machine gets in, and only directly:
/// what a proxy passes on comes from loopback too.
/// </summary>
internal sealed class OperatorAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, OperatorKey key)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    /// <summary>The name of the scheme and of the policy that asks for it.</summary>
    public const string SchemeName = "operator";

    /// <inheritdoc/>
    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var isIn = key.IsSet ? key.Fits(Request.Headers.Authorization.ToString()) : IsLocal();
        return Task.FromResult(isIn
            ? AuthenticateResult.Success(new(new ClaimsPrincipal(new ClaimsIdentity(SchemeName)), SchemeName))
            : AuthenticateResult.NoResult());
    }

    /// <inheritdoc/>
    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        return WireErrors.WriteAsync(Context, new(401, "This route needs the operator's key."));
    }

    private bool IsLocal() =>
        Context.Connection.RemoteIpAddress is { } address
        && IPAddress.IsLoopback(address)
        && !Request.Headers.ContainsKey("X-Forwarded-For")
        && !Request.Headers.ContainsKey("Forwarded");
}

/// <summary>The operators' key; only its SHA-256 is kept.</summary>
internal sealed class OperatorKey(string? key)
{
    private readonly byte[]? _hash = string.IsNullOrEmpty(key) ? null : Hash("Bearer " + key);

    /// <summary>Whether there is one.</summary>
    public bool IsSet => _hash is not null;

    /// <summary>Whether an <c>Authorization</c> header carries it.</summary>
    public bool Fits(string header) => _hash is not null && CryptographicOperations.FixedTimeEquals(_hash, Hash(header));

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
