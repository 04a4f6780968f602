using System.Net;
using Phaseo.Orleans.Cli.Client;
using Phaseo.Orleans.Cli.Serving;

namespace Phaseo.Orleans.Cli.Doctor;

/// <summary>Whether a server answers and takes the key. Only done when one is named.</summary>
internal static class ServerCheck
{
    /// <summary>Asks the server once.</summary>
    public static async Task<IReadOnlyList<Finding>> RunAsync(ServerAddress address, TimeProvider time, CancellationToken cancellation)
    {
        await using var server = new RemoteServer(address, time);
        try
        {
            var skew = await server.Client.ReadClockSkewAsync(time.GetUtcNow(), cancellation);
            var answered = Finding.Ok("server", $"{address.Url} answers and takes the key");
            return skew is { } known ? [answered, ClockCheck.Compare(known)] : [answered];
        }
        catch (PhaseoApiException e) when (e.Status == HttpStatusCode.Unauthorized)
        {
            return [Finding.Fail("server", $"{address.Url} does not take the key; --key or PHASEO_KEY sets it")];
        }
        catch (PhaseoApiException e)
        {
            return [Finding.Fail("server", e.Message)];
        }
    }
}
