using Microsoft.AspNetCore.Diagnostics;
using Orleans.Storage;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Silo.Http;

/// <summary>
/// Answers what endpoints did not: an outage of storage or of the cluster is a 503 that says when to come back, a
/// request that cannot be read is a 4xx, the rest is our bug and a 500.
/// </summary>
internal sealed partial class FailureHandler(ILogger<FailureHandler> logger) : IExceptionHandler
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (httpContext.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to read an answer; 499 is what the request's span and metrics show.
            httpContext.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return true;
        }

        await WireErrors.WriteAsync(httpContext, Judge(httpContext, exception));
        return true;
    }

    private Refusal Judge(HttpContext http, Exception failure)
    {
        switch (failure)
        {
            case BadHttpRequestException bad:
                return bad.StatusCode == 400
                    ? new(400, "The request could not be read: it is broken or ended early.", null, "bad_request")
                    : WireErrors.FromStatus(bad.StatusCode, http.Request);
            case StorageUnavailableException:
                LogUnavailable(failure, "storage");
                return new(503, "Storage is not available at the moment. Please try again.", null, "storage_unavailable")
                {
                    RetryAfter = RetryAfter,
                };
            // InconsistentStateException: two activations met; the loser's caller only has to ask again.
            case TimeoutException or OrleansException or InconsistentStateException or OperationCanceledException:
                LogUnavailable(failure, "the cluster");
                return new(503, "The service is not available at the moment. Please try again.", null, "service_unavailable")
                {
                    RetryAfter = RetryAfter,
                };
            default:
                LogBug(failure, http.TraceIdentifier);
                return WireErrors.FromStatus(500, http.Request);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A request was answered 503 because {What} did not answer.")]
    private partial void LogUnavailable(Exception failure, string what);

    [LoggerMessage(Level = LogLevel.Error, Message = "Request {RequestId} met a bug.")]
    private partial void LogBug(Exception failure, string requestId);
}
