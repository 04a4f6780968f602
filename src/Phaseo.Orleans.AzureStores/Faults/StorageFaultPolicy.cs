using Azure.Core;
using Azure.Core.Pipeline;

namespace Phaseo.Orleans.AzureStores.Faults;

/// <summary>
/// Stands where the network would be and lets a client's calls go wrong as a script says. A fault hits a call's first
/// try; one that lasts hits all, so that the client gives up. Each is told as <c>storage fault: lost</c>, and so is
/// each append that the service refused: <c>storage: append refused</c>.
/// </summary>
internal sealed class StorageFaultPolicy(Func<StorageFaultScript> script, Action<string>? tell = null) : HttpPipelinePolicy
{
    private const string Property = "phaseo-fault";
    private long _calls;

    /// <inheritdoc/>
    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) =>
        throw new NotSupportedException("The stores call asynchronously.");

    /// <inheritdoc/>
    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        var isFirst = !message.TryGetProperty(Property, out var found);
        var fault = isFirst ? Choose(message) : (Fault)found!;
        if (!isFirst && !fault.IsLasting)
        {
            fault = fault with { Kind = StorageFault.None };
        }

        switch (fault.Kind)
        {
            case StorageFault.Refused:
                message.Response = InjectedResponse.Refusal(fault.Number);
                return;
            case StorageFault.Conflict:
                message.Response = InjectedResponse.Conflict();
                return;
            case StorageFault.Slow:
                await Task.Delay(fault.Delay, TimeProvider.System, message.CancellationToken).ConfigureAwait(false);
                break;
            case StorageFault.Lost:
                if (isFirst)
                {
                    await ProcessNextAsync(message, pipeline).ConfigureAwait(false);
                    message.Response.Dispose();
                }

                throw new IOException("The answer was lost, says a test.");
            case StorageFault.Late:
                if (isFirst)
                {
                    var copy = await RequestCopy.OfAsync(message.Request, message.CancellationToken).ConfigureAwait(false);
                    _ = copy.SendAfterAsync(fault.Delay);
                }

                throw new TaskCanceledException("The client's time is over, says a test.", new TimeoutException());
            case StorageFault.Repeated:
                var first = await RequestCopy.OfAsync(message.Request, message.CancellationToken).ConfigureAwait(false);
                await first.SendAfterAsync(TimeSpan.Zero).ConfigureAwait(false);
                break;
        }

        await ProcessNextAsync(message, pipeline).ConfigureAwait(false);
        if (message.Response.Status == 412 && message.Request.Headers.Contains("x-ms-blob-condition-appendpos"))
        {
            tell?.Invoke("storage: append refused");
        }
    }

    private Fault Choose(HttpMessage message)
    {
        var number = Interlocked.Increment(ref _calls);
        var (kind, isLasting, delay) = script().Pick(number);
        var isWrite = message.Request.Method != RequestMethod.Get && message.Request.Method != RequestMethod.Head;
        var isConditional = message.Request.Headers.Contains("If-Match") || message.Request.Headers.Contains("x-ms-blob-condition-appendpos");
        var fault = new Fault(kind, isLasting, delay, number);
        if ((kind is StorageFault.Late or StorageFault.Repeated && !isWrite) || (kind == StorageFault.Conflict && !(isWrite && isConditional)))
        {
            fault = fault with { Kind = StorageFault.None };
        }

        message.SetProperty(Property, fault);
        if (fault.Kind != StorageFault.None)
        {
            tell?.Invoke($"storage fault: {StorageFaultScript.Word(fault.Kind)}");
        }

        return fault;
    }

    private sealed record Fault(StorageFault Kind, bool IsLasting, TimeSpan Delay, long Number);
}
