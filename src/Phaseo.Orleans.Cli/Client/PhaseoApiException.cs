using System.Net;

namespace Phaseo.Orleans.Cli.Client;

/// <summary>The server refused, or cannot be reached. The message is fit for the person at the terminal.</summary>
internal sealed class PhaseoApiException(string message, HttpStatusCode? status = null, ErrorDetail? detail = null, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>The HTTP status; null when no answer came.</summary>
    public HttpStatusCode? Status { get; } = status;

    /// <summary>The body's error object; null when there was none.</summary>
    public ErrorDetail? Detail { get; } = detail;
}
