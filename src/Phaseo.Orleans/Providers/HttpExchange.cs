using Microsoft.Extensions.ObjectPool;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Routing;

namespace Phaseo.Orleans.Providers;

/// <summary>
/// Sends requests to one provider over connections of its own, reads whole answers and says what they mean. Adapters
/// differ only in the requests they make. Every byte and second is bounded by <see cref="BatchOptions"/>.
/// </summary>
internal sealed class HttpExchange(
    HttpMessageHandler handler, ObjectPool<CallClock> clocks, BatchOptions options, TimeProvider time) : IDisposable
{
    private readonly HttpMessageInvoker _invoker = new(handler);
    private readonly AnswerJudge _judge = new(options, time);

    /// <summary>
    /// Makes the call, as <see cref="IUpstream.SendAsync"/> promises, and disposes of the request. The row's bytes are
    /// not read any more once the task has ended.
    /// </summary>
    public async Task<UpstreamAnswer> SendAsync(HttpRequestMessage request, string endpoint, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var clock = clocks.Get();
        var buffer = AnswerBuffer.Rent();
        HttpResponseMessage? response = null;
        UpstreamAnswer? answer = null;
        try
        {
            clock.Start(options.CallLimit, options.CallIdleLimit, cancellation);
            response = await _invoker.SendAsync(request, clock.Token).ConfigureAwait(false);
            clock.Heard();
            var end = await ReadBodyAsync(response, buffer, MaxBytes(endpoint), clock).ConfigureAwait(false);
            if (end != BodyEnd.Complete)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            answer = _judge.Judge(response, end, endpoint, buffer);
        }
        catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException or ObjectDisposedException)
        {
            cancellation.ThrowIfCancellationRequested();
            answer = new UpstreamAnswer(new ProviderFailure(Classify(e, clock)));
        }
        finally
        {
            response?.Dispose();
            request.Dispose();
            clocks.Return(clock);
            if (answer is null || answer.Body.IsEmpty)
            {
                buffer.Release();
            }
        }

        return answer;
    }

    /// <summary>Closes the connections. A call that comes later ends as <see cref="FailureKind.Unreachable"/>.</summary>
    public void Dispose() => _invoker.Dispose();

    private static async ValueTask<BodyEnd> ReadBodyAsync(
        HttpResponseMessage response, AnswerBuffer buffer, int maxBytes, CallClock clock)
    {
        try
        {
            using var body = await response.Content.ReadAsStreamAsync(clock.Token).ConfigureAwait(false);
            while (true)
            {
                var read = await body.ReadAsync(buffer.GetMemory(), clock.Token).ConfigureAwait(false);
                if (read == 0)
                {
                    return BodyEnd.Complete;
                }

                clock.Heard();
                buffer.Advance(read);
                if (buffer.Length > maxBytes)
                {
                    return BodyEnd.TooLarge;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException)
        {
            return clock.HasTimedOut ? BodyEnd.TimedOut : BodyEnd.Broken;
        }
    }

    // No answer came at all. A header block over the cap is an answer, if one that nobody can use.
    private static FailureKind Classify(Exception e, CallClock clock) => e switch
    {
        _ when clock.HasTimedOut => FailureKind.TimedOut,
        HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => FailureKind.InvalidResponse,
        _ => FailureKind.Unreachable,
    };

    private int MaxBytes(string endpoint) =>
        endpoint == Endpoints.Images ? options.MaxImageAnswerBytes : options.MaxAnswerBytes;
}
