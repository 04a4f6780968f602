using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Phaseo.Orleans.Silo.Http;

/// <summary><c>Authorization: Bearer KEY</c>: finds the <see cref="Caller"/> and leaves it in the request's features.</summary>
internal sealed class KeyAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, ApiKeys keys)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    /// <summary>The scheme's name.</summary>
    public const string SchemeName = "key";

    private const string Prefix = "Bearer ";

    // Rights hang on the workspace in the features, so one identity serves all.
    private static readonly Task<AuthenticateResult> Success = Task.FromResult(AuthenticateResult.Success(
        new(new ClaimsPrincipal(new ClaimsIdentity(SchemeName)), SchemeName)));

    private static readonly Task<AuthenticateResult> None = Task.FromResult(AuthenticateResult.NoResult());
    private static readonly Task<AuthenticateResult> Wrong = Task.FromResult(AuthenticateResult.Fail("No such key."));

    /// <inheritdoc/>
    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var key = Key();
        if (key.IsEmpty)
        {
            return None;
        }

        if (keys.Find(key) is not { } caller)
        {
            return Wrong;
        }

        Context.Features.Set(caller);
        return Success;
    }

    /// <inheritdoc/>
    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        var message = Key().IsEmpty
            ? "You didn't provide an API key. Provide it in an Authorization header: 'Authorization: Bearer YOUR_KEY'."
            : "Incorrect API key provided.";
        return WireErrors.WriteAsync(Context, new(401, message, null, "invalid_api_key"));
    }

    private ReadOnlySpan<char> Key()
    {
        var header = Request.Headers.Authorization;
        return header.Count == 1 && header[0] is { } text && text.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
            ? text.AsSpan(Prefix.Length).Trim()
            : default;
    }
}
