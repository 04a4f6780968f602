using Phaseo.Orleans.Billing;
using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans.Providers;

/// <summary>Sends one row to one provider and waits for the whole answer. One per provider kind.</summary>
public interface IUpstream
{
    /// <summary>
    /// Makes the call. Never throws for what the network or the provider does: that is a
    /// <see cref="UpstreamAnswer"/> with a <see cref="ProviderFailure"/>. Throws only
    /// <see cref="OperationCanceledException"/>, and only for <paramref name="cancellation"/>.
    /// </summary>
    Task<UpstreamAnswer> SendAsync(UpstreamCall request, CancellationToken cancellation);
}

/// <summary>One call.</summary>
/// <param name="Offer">Whom to ask, and under what model name.</param>
/// <param name="Endpoint">The contract's endpoint, <c>/v1/…</c>.</param>
/// <param name="Body">The request body, ready to send: the upstream's model name in it, nothing of ours.</param>
/// <param name="RowId"><c>batch_req_…</c>: the <c>Idempotency-Key</c> sent along, the same on every attempt.</param>
/// <param name="Attempt">Counts from 1 over all offers and rounds; header <c>x-phaseo-attempt</c>.</param>
public readonly record struct UpstreamCall(
    Offer Offer, string Endpoint, ReadOnlyMemory<byte> Body, string RowId, int Attempt);

/// <summary>
/// What came back. The body is pooled memory: dispose the answer when its bytes are copied.
/// </summary>
public sealed class UpstreamAnswer : IDisposable
{
    private Action? _release;

    /// <summary>An answer of the provider; <paramref name="release"/> gives its memory back.</summary>
    public UpstreamAnswer(
        int statusCode, string? requestId, ReadOnlyMemory<byte> body, Meters? usage, ProviderFailure? failure, Action? release = null)
    {
        StatusCode = statusCode;
        RequestId = requestId;
        Body = body;
        Usage = usage;
        Failure = failure;
        _release = release;
    }

    /// <summary>A call without a usable answer.</summary>
    public UpstreamAnswer(ProviderFailure failure)
        : this(0, null, default, null, failure)
    {
    }

    /// <summary>The HTTP status; 0 when no answer came.</summary>
    public int StatusCode { get; }

    /// <summary>The provider's own id of the request (<c>x-request-id</c>, <c>request-id</c>), if it gave one.</summary>
    public string? RequestId { get; }

    /// <summary>
    /// The answer's body as one line of valid JSON (no raw CR or LF in it), or empty. When a provider's error body
    /// is not JSON it is wrapped as <c>{"error":{"message":…}}</c>.
    /// </summary>
    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>What the answer says was used; null when it says nothing.</summary>
    public Meters? Usage { get; }

    /// <summary>Null: a 2xx answer to keep. Else what went wrong and what to do next.</summary>
    public ProviderFailure? Failure { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        var release = _release;
        _release = null;
        release?.Invoke();
    }
}

/// <summary>Finds the adapter for a provider.</summary>
public interface IUpstreams
{
    /// <summary>The adapter; handlers and connections are one per provider.</summary>
    IUpstream Find(Provider provider);
}
