using System.Buffers.Text;
using System.Net.Sockets;
using System.Text;

namespace Phaseo.Orleans.LoadTests.Bench;

/// <summary>
/// Sends one GET again and again over connections that stay open: the bytes are made once and hardly anything of the
/// answer is read, so that the server, and not its client, is what one measures.
/// </summary>
internal sealed class HttpPinger(Uri address, string path, string key)
{
    private const int MostBytes = 16 * 1024;

    private readonly byte[] _request = Encoding.ASCII.GetBytes(
        $"GET {path} HTTP/1.1\r\nHost: {address.Authority}\r\nAuthorization: Bearer {key}\r\n\r\n");

    /// <summary>Sends for a time; how many were answered with 200.</summary>
    /// <exception cref="InvalidDataException">One was not.</exception>
    public async Task<int> RunAsync(int connections, TimeSpan time, CancellationToken cancellation)
    {
        var start = TimeProvider.System.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => ConnectAsync()));
        return counts.Sum();

        async Task<int> ConnectAsync()
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(address.Host, address.Port, cancellation);
            var buffer = new byte[MostBytes];
            var count = 0;
            for (; TimeProvider.System.GetElapsedTime(start) < time; count++)
            {
                await socket.SendAsync(_request, cancellation);
                await ReceiveAsync(socket, buffer, cancellation);
            }

            return count;
        }
    }

    private static async Task ReceiveAsync(Socket socket, Memory<byte> buffer, CancellationToken cancellation)
    {
        var used = 0;
        int? length = null;
        while (length is null || used < length)
        {
            var read = await socket.ReceiveAsync(buffer[used..], cancellation);
            if (read == 0)
            {
                throw new InvalidDataException("The server closed the connection, or its answer is too long.");
            }

            used += read;
            length ??= Length(buffer.Span[..used]);
        }
    }

    // Of head and body together; null: the head is not complete.
    private static int? Length(ReadOnlySpan<byte> answer)
    {
        var head = answer.IndexOf("\r\n\r\n"u8);
        if (head < 0)
        {
            return null;
        }

        var field = answer[..head].IndexOf("\r\nContent-Length: "u8);
        return answer.StartsWith("HTTP/1.1 200 "u8)
            && field >= 0
            && Utf8Parser.TryParse(answer[(field + "\r\nContent-Length: ".Length)..], out int body, out _)
            ? head + 4 + body
            : throw new InvalidDataException("The answer is not a 200 with a length.");
    }
}
