using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>Writes what a <see cref="FakeUpstream"/> answers.</summary>
internal static class FakeResponse
{
    private const string Error = """{"error":{"message":"Scripted.","type":"scripted","param":null,"code":null}}""";

    /// <summary>Answers a call as the fault says.</summary>
    public static async Task WriteAsync(HttpContext context, FakeCall call, FakeFault fault, CancellationToken cancellation)
    {
        var response = context.Response;
        response.Headers["x-request-id"] = $"fake-{call.Number}";
        if (fault.Delay > TimeSpan.Zero && fault.Kind != FakeFaultKind.Drip)
        {
            await Task.Delay(fault.Delay, TimeProvider.System, cancellation);
        }

        var body = Prepare(response, call, fault);
        switch (fault.Kind)
        {
            case FakeFaultKind.None or FakeFaultKind.Status:
                response.ContentLength = body.Length;
                await response.Body.WriteAsync(body, cancellation);
                break;
            case FakeFaultKind.Hang:
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
                break;
            case FakeFaultKind.HangInBody:
                await WriteHalfAsync(response, body, cancellation);
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
                break;
            case FakeFaultKind.Drip:
                await DripAsync(response, body, fault.Delay, cancellation);
                break;
            case FakeFaultKind.Truncate:
                // The server finds its answer too short and closes: what was sent arrives, as after an abort it may not.
                response.ContentLength = body.Length;
                await WriteHalfAsync(response, body, cancellation);
                break;
            case FakeFaultKind.HalfBody:
                await WriteHalfAsync(response, body, cancellation);
                break;
            case FakeFaultKind.Huge:
                await WriteHugeAsync(response, fault.Bytes, cancellation);
                break;
            case FakeFaultKind.HugeLength:
                response.ContentLength = fault.Bytes;
                await WriteHugeAsync(response, fault.Bytes, cancellation);
                break;
            case FakeFaultKind.HugeHeaders:
                response.Headers["x-huge"] = new string('x', fault.Bytes);
                await response.Body.WriteAsync(body, cancellation);
                break;
            case FakeFaultKind.GzipBomb:
                await WriteBombAsync(response, fault.Bytes, cancellation);
                break;
            case FakeFaultKind.Reset:
                context.Abort();
                break;
        }
    }

    private static byte[] Prepare(HttpResponse response, FakeCall call, FakeFault fault)
    {
        var body = fault.Body is { } text ? Encoding.UTF8.GetBytes(text)
            : fault.Status == 200 ? FakeAnswers.Find(call.Path, call.BodyHash)
            : null;
        response.StatusCode = body is null && fault.Status == 200 ? 404 : fault.Status;
        response.ContentType = fault.ContentType;
        if (fault.RetryAfter is { } wait)
        {
            response.Headers.RetryAfter = wait;
        }

        foreach (var (name, value) in fault.Headers)
        {
            response.Headers[name] = value;
        }

        return body ?? Encoding.UTF8.GetBytes(Error);
    }

    private static async Task WriteHalfAsync(HttpResponse response, byte[] body, CancellationToken cancellation)
    {
        await response.Body.WriteAsync(body.AsMemory(0, body.Length / 2), cancellation);
        await response.Body.FlushAsync(cancellation);
    }

    private static async Task DripAsync(HttpResponse response, byte[] body, TimeSpan pace, CancellationToken cancellation)
    {
        for (var i = 0; i < body.Length; i++)
        {
            await Task.Delay(pace, TimeProvider.System, cancellation);
            await response.Body.WriteAsync(body.AsMemory(i, 1), cancellation);
            await response.Body.FlushAsync(cancellation);
        }
    }

    // An object that is good so far, however far one reads.
    private static async Task WriteHugeAsync(HttpResponse response, int bytes, CancellationToken cancellation)
    {
        var spaces = new byte[64 * 1024];
        spaces.AsSpan().Fill((byte)' ');
        await response.Body.WriteAsync("{"u8.ToArray(), cancellation);
        for (var left = bytes - 2; left > 0; left -= spaces.Length)
        {
            await response.Body.WriteAsync(spaces.AsMemory(0, Math.Min(left, spaces.Length)), cancellation);
        }

        await response.Body.WriteAsync("}"u8.ToArray(), cancellation);
    }

    private static async Task WriteBombAsync(HttpResponse response, int bytes, CancellationToken cancellation)
    {
        response.Headers.ContentEncoding = "gzip";
        await using var gzip = new GZipStream(response.Body, CompressionLevel.SmallestSize, leaveOpen: true);
        var spaces = new byte[64 * 1024];
        for (var left = bytes; left > 0; left -= spaces.Length)
        {
            await gzip.WriteAsync(spaces.AsMemory(0, Math.Min(left, spaces.Length)), cancellation);
        }
    }
}
