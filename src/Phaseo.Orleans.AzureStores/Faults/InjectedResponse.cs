using System.Diagnostics.CodeAnalysis;
using Azure;
using Azure.Core;

namespace Phaseo.Orleans.AzureStores.Faults;

/// <summary>An answer that the service did not give.</summary>
internal sealed class InjectedResponse(int status, string reason, string code) : Response
{
    private static readonly (int, string, string)[] Refusals =
    [
        (503, "Server Busy", "ServerBusy"), (500, "Internal Server Error", "InternalError"), (429, "Too Many Requests", "TooManyRequests"),
    ];

    private readonly Dictionary<string, string> _headers = new(StringComparer.OrdinalIgnoreCase) { ["x-ms-error-code"] = code };

    public override int Status => status;

    // Else set by the transport, which never sees this one.
    public override bool IsError => true;

    public override string ReasonPhrase => reason;

    public override Stream? ContentStream { get; set; } = new MemoryStream();

    public override string ClientRequestId { get; set; } = "";

    /// <summary>One of the refusals that pass, by turns.</summary>
    public static InjectedResponse Refusal(long number)
    {
        var (status, reason, code) = Refusals[number % Refusals.Length];
        return new(status, reason, code);
    }

    /// <summary>A condition that was not met.</summary>
    public static InjectedResponse Conflict() => new(412, "Precondition Failed", "ConditionNotMet");

    public override void Dispose() => ContentStream?.Dispose();

    protected override bool ContainsHeader(string name) => _headers.ContainsKey(name);

    protected override IEnumerable<HttpHeader> EnumerateHeaders() => _headers.Select(pair => new HttpHeader(pair.Key, pair.Value));

    protected override bool TryGetHeader(string name, [NotNullWhen(true)] out string? value) => _headers.TryGetValue(name, out value);

    protected override bool TryGetHeaderValues(string name, [NotNullWhen(true)] out IEnumerable<string>? values)
    {
        values = _headers.TryGetValue(name, out var value) ? [value] : null;
        return values is not null;
    }
}
