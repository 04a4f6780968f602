using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections;

namespace Phaseo.Orleans.Testing;

/// <summary>
/// One client connection of an <see cref="EchoUpstream"/>: just enough HTTP/1.1, written on the transport's pipes because
/// a benchmark's upstream shares the processor with what is measured.
/// </summary>
internal sealed class EchoConnection(EchoUpstreamOptions options) : ConnectionHandler
{
    /// <inheritdoc/>
    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        var (input, output) = (connection.Transport.Input, connection.Transport.Output);
        var serial = 0L;
        try
        {
            while (await ReadAsync(input) is { } call)
            {
                serial = call.Serial;
                if (options.Latency > TimeSpan.Zero)
                {
                    await Task.Delay(options.Latency, options.Clock, connection.ConnectionClosed);
                }

                if (call.Fault == EchoFault.Hang)
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, options.Clock, connection.ConnectionClosed);
                }

                if (call.Fault == EchoFault.Reset)
                {
                    connection.Abort();
                    return;
                }

                call.Answer.WriteTo(output, call.Body, call.Serial, truncated: call.Fault == EchoFault.Truncate);
                options.Log?.End(serial);
                var flushed = await output.FlushAsync();
                if (flushed.IsCompleted || call.Fault == EchoFault.Truncate)
                {
                    return;
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ConnectionResetException)
        {
            // The client has gone, as clients that are killed or give up do.
        }
        finally
        {
            options.Log?.End(serial);
        }
    }

    private async ValueTask<Call?> ReadAsync(PipeReader input)
    {
        while (true)
        {
            var read = await input.ReadAsync();
            if (TryTake(input, read.Buffer, out var call))
            {
                return call;
            }

            if (read.IsCompleted)
            {
                return null;
            }
        }
    }

    private bool TryTake(PipeReader input, ReadOnlySequence<byte> buffer, out Call? call)
    {
        call = null;
        if (!EchoRequest.TryRead(buffer, out var request))
        {
            input.AdvanceTo(buffer.Start, buffer.End);
            return false;
        }

        var body = options.Hash(request.Body.IsSingleSegment ? request.Body.FirstSpan : request.Body.ToArray());
        var attempt = request.Attempt;
        var fault = options.Faults.Pick(body, attempt);
        var serial = options.Log?.Add(request.RowId, attempt, body, fault, CallerOf(request.Path)) ?? 0;
        call = new Call(Choose(request.Path, fault), fault, body, serial);
        input.AdvanceTo(request.Body.End);
        return true;
    }

    private static string CallerOf(ReadOnlySpan<byte> path)
    {
        var api = path.IndexOf("/v1/"u8);
        return api > 1 ? Encoding.ASCII.GetString(path[1..api]) : "";
    }

    private static EchoAnswer Choose(ReadOnlySpan<byte> path, EchoFault fault) => fault switch
    {
        EchoFault.Error => EchoAnswer.Error,
        EchoFault.Overload => EchoAnswer.Overloaded,
        EchoFault.Throttle => EchoAnswer.Throttled,
        EchoFault.Refuse => EchoAnswer.Refused,
        EchoFault.ThrottleFor => EchoAnswer.ThrottledFor,
        EchoFault.None or EchoFault.Reset or EchoFault.Truncate or EchoFault.Hang when path.EndsWith("/chat/completions"u8) => EchoAnswer.Chat,
        EchoFault.None or EchoFault.Reset or EchoFault.Truncate or EchoFault.Hang when path.EndsWith("/embeddings"u8) => EchoAnswer.Embedding,
        EchoFault.None or EchoFault.Reset or EchoFault.Truncate or EchoFault.Hang => EchoAnswer.NotFound,
    };

    private readonly record struct Call(EchoAnswer Answer, EchoFault Fault, ulong Body, long Serial);
}
