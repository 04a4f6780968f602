using Phaseo.Orleans.Cluster;
using Phaseo.Orleans.Silo.Wire;

namespace Phaseo.Orleans.Silo.Http;

/// <summary>The API's services, its pipeline and its routes.</summary>
internal static class ApiSetup
{
    private const long MaxBodyBytes = 1024 * 1024;

    /// <summary>Adds what the API needs.</summary>
    public static void AddApi(this WebApplicationBuilder builder, SiloOptions options)
    {
        builder.WebHost.UseKestrelHttpsConfiguration(); // an endpoint with a certificate also speaks HTTP/2
        builder.WebHost.ConfigureKestrel(server =>
        {
            server.AddServerHeader = false;
            server.Limits.MaxRequestBodySize = MaxBodyBytes;
        });

        var services = builder.Services;
        services.AddSingleton(TimeProvider.System);
        services.ConfigureHttpJsonOptions(json => WireFormat.Apply(json.SerializerOptions));
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.AddExceptionHandler<FailureHandler>();
        services.AddSingleton(new ApiKeys(options.Key));
        services.AddSingleton(new OperatorKey(options.OperatorKey));
        services.AddSingleton<BatchBytes>();

        // Not AddAuthentication, which also brings data protection: it writes key files that nothing here needs.
        services.AddWebEncoders();
        services.AddTransient<KeyAuthentication>();
        services.AddTransient<OperatorAuthentication>();
        services.AddAuthenticationCore(schemes =>
        {
            schemes.DefaultScheme = KeyAuthentication.SchemeName;
            schemes.AddScheme<KeyAuthentication>(KeyAuthentication.SchemeName, null);
            schemes.AddScheme<OperatorAuthentication>(OperatorAuthentication.SchemeName, null);
        });
        services.AddAuthorizationBuilder().AddPolicy(OperatorAuthentication.SchemeName, policy => policy
            .AddAuthenticationSchemes(OperatorAuthentication.SchemeName)
            .RequireAuthenticatedUser());
        services.AddApiDescription();
        services.AddHealth();
    }

    /// <summary>From the outside in: the id, failures, statuses without a body, then who asks.</summary>
    public static void UseApi(this WebApplication app)
    {
        app.UseRequestIds();
        app.UseExceptionHandler(_ => { });
        app.UseStatusCodePages(WireErrors.WriteStatusAsync);
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
    }

    /// <summary>All routes; of a worker only those of its operator.</summary>
    public static void MapApi(this WebApplication app, SiloRole role)
    {
        app.MapHealth();
        app.MapPrometheusScrapingEndpoint("/metrics").RequireAuthorization(OperatorAuthentication.SchemeName);
        if (role == SiloRole.Worker)
        {
            return;
        }

        app.MapApiDescription();
        app.MapFiles();
        app.MapBatches();
    }
}
