using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Phaseo.Orleans.Silo.Wire;

namespace Phaseo.Orleans.Silo.Http;

/// <summary>
/// The only place that turns failures into bodies. Under <c>/v1</c> it is OpenAI's form, because the clients are
/// OpenAI's SDKs; elsewhere RFC 9457 problem details. One path, one form.
/// </summary>
internal static class WireErrors
{
    /// <summary>Writes a refusal in its path's form.</summary>
    public static Task WriteAsync(HttpContext http, Refusal refusal)
    {
        var response = http.Response;
        response.StatusCode = refusal.Status;
        RequestIds.Show(http);
        if (refusal.RetryAfter is { } wait)
        {
            var seconds = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds));
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        if (refusal.IsFinal)
        {
            response.Headers["x-should-retry"] = "false";
        }

        return IsApi(http)
            ? WriteJsonAsync(http, new WireErrorBody(ToWire(refusal)), "application/json")
            : WriteJsonAsync(http, ToProblem(refusal), "application/problem+json");
    }

    /// <summary>Writes the answer of a route that the operator has switched off.</summary>
    public static Task WriteDisabledAsync(HttpContext http, string feature)
    {
        var refusal = new Refusal(501, "batches endpoints are temporarily disabled.", null, "not_implemented");
        http.Response.StatusCode = refusal.Status;
        http.Response.Headers["x-should-retry"] = "false";
        http.Response.Headers.CacheControl = "no-store";
        RequestIds.Show(http);
        return WriteJsonAsync(
            http, new WireDisabled(ToWire(refusal), "feature_temporarily_disabled", feature), "application/json");
    }

    /// <summary>Gives a body to the statuses that the framework sets without one: no route, wrong method and so on.</summary>
    public static Task WriteStatusAsync(StatusCodeContext context)
    {
        var http = context.HttpContext;
        return WriteAsync(http, FromStatus(http.Response.StatusCode, http.Request));
    }

    /// <summary>What a bare status means.</summary>
    public static Refusal FromStatus(int status, HttpRequest request) => status switch
    {
        404 => new(404, $"Invalid URL ({request.Method} {Shown.Id(request.Path.Value ?? "/")})"),
        405 => new(405, $"Not allowed to {request.Method} on {Shown.Id(request.Path.Value ?? "/")}.", null, "method_not_supported"),
        408 => new(408, "The request was not completed in time.", null, "request_timeout"),
        411 => new(411, "The request must say how long its body is.", null, "length_required"),
        413 => new(413, "The request body is too large.", null, "request_too_large"),
        415 => new(415, "The content type of the request is not supported.", null, "unsupported_content_type"),
        503 => new(503, "The service is not available at the moment.", null, "service_unavailable") { RetryAfter = TimeSpan.FromSeconds(1) },
        >= 500 => new(status, "The server had an error while processing your request.", null, "server_error"),
        _ => new(status, $"The request was refused: {ReasonPhrases.GetReasonPhrase(status)}."),
    };

    /// <summary>The contract's class of an error status.</summary>
    public static string TypeOf(int status) => status switch
    {
        401 => "authentication_error",
        402 => "insufficient_funds",
        403 => "permission_error",
        429 => "rate_limit_error",
        >= 500 => "server_error",
        _ => "invalid_request_error",
    };

    private static bool IsApi(HttpContext http) => http.Request.Path.StartsWithSegments("/v1");

    private static WireError ToWire(Refusal refusal) =>
        new(refusal.Message, TypeOf(refusal.Status), refusal.Param, refusal.Code);

    private static ProblemDetails ToProblem(Refusal refusal) => new()
    {
        Status = refusal.Status,
        Title = ReasonPhrases.GetReasonPhrase(refusal.Status),
        Detail = refusal.Message,
    };

    private static Task WriteJsonAsync<T>(HttpContext http, T body, string contentType)
    {
        // A HEAD answer has no body, whatever it says of one.
        if (HttpMethods.IsHead(http.Request.Method))
        {
            return Task.CompletedTask;
        }

        var bytes = JsonSerializer.SerializeToUtf8Bytes(body, WireFormat.Options);
        http.Response.ContentType = contentType;
        http.Response.ContentLength = bytes.Length;
        return http.Response.Body.WriteAsync(bytes, 0, bytes.Length, http.RequestAborted);
    }
}
