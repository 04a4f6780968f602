namespace Phaseo.Orleans.Silo.Http;

/// <summary>200 with JSON that is there already.</summary>
internal sealed class RawJson(ReadOnlyMemory<byte> utf8) : IResult
{
    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = "application/json";
        response.ContentLength = utf8.Length;
        return response.Body.WriteAsync(utf8, httpContext.RequestAborted).AsTask();
    }
}
