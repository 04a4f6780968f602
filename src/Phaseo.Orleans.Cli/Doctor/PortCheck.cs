using System.Net;
using System.Net.Sockets;

namespace Phaseo.Orleans.Cli.Doctor;

/// <summary>Whether a silo could listen where it is told to.</summary>
internal static class PortCheck
{
    /// <summary>Looks at every address of a list as <c>--urls</c> takes it.</summary>
    public static IEnumerable<Finding> Run(string urls) =>
        urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(TryListen);

    private static Finding TryListen(string text)
    {
        if (!Uri.TryCreate(text.Replace("://*", "://0.0.0.0").Replace("://+", "://0.0.0.0"), UriKind.Absolute, out var url))
        {
            return Finding.Fail("port", $"{text} is no URL");
        }

        var address = IPAddress.TryParse(url.Host.Trim('[', ']'), out var parsed) ? parsed : IPAddress.Loopback;
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, url.Port));
            return Finding.Ok("port", $"{text} is free");
        }
        catch (SocketException e)
        {
            return Finding.Fail("port", $"{text} cannot be listened on ({e.SocketErrorCode}); choose another with --urls");
        }
    }
}
