using Microsoft.AspNetCore.Http.Features;

namespace Phaseo.Orleans.Silo.Http;

/// <summary>Who asks: everything that an endpoint reads or writes is looked up under this workspace.</summary>
/// <param name="Workspace">The workspace that the key belongs to.</param>
/// <param name="KeyId">Which of its keys; says nothing of the key itself.</param>
internal sealed record Caller(string Workspace, string KeyId)
{
    /// <summary>Lets endpoints take the caller as a parameter. Only for routes that need a key.</summary>
    public static ValueTask<Caller> BindAsync(HttpContext http) => new(http.Features.GetRequiredFeature<Caller>());
}
