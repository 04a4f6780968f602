namespace Phaseo.Orleans.Silo.Http;

/// <summary>Gives every request an id of ours, which every answer carries as <c>x-request-id</c>.</summary>
internal static class RequestIds
{
    private const string Header = "x-request-id";

    /// <summary>Comes first in the pipeline. The id is also the request's trace identifier.</summary>
    public static void UseRequestIds(this WebApplication app)
    {
        var clock = app.Services.GetRequiredService<TimeProvider>();
        app.Use((http, next) =>
        {
            http.TraceIdentifier = Ids.NewRequest(clock.GetUtcNow());
            Show(http);
            return next(http);
        });
    }

    /// <summary>Sets the header; once more where the exception handler has cleared all of them.</summary>
    public static void Show(HttpContext http) => http.Response.Headers[Header] = http.TraceIdentifier;
}
