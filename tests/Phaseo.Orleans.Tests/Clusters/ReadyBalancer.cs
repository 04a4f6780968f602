using System.Net;
using System.Net.Sockets;

namespace Phaseo.Orleans.Tests.Clusters;

/// <summary>
/// What stands before the silos of a cluster: each new connection goes to the next silo whose readiness check says yes,
/// as of a moment ago. It knows nothing of requests.
/// </summary>
internal sealed class ReadyBalancer : IAsyncDisposable
{
    private static readonly TimeSpan ProbePause = TimeSpan.FromMilliseconds(100);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly HttpClient _probes = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(2) };
    private readonly CancellationTokenSource _stopping = new();
    private readonly Func<IEnumerable<Uri>> _silos;
    private readonly Task _running;
    private volatile Uri[] _ready = [];
    private int _next;

    /// <summary>Starts it.</summary>
    /// <param name="silos">Those that run, ready or not.</param>
    public ReadyBalancer(Func<IEnumerable<Uri>> silos)
    {
        _silos = silos;
        _listener.Start();
        _running = Task.WhenAll(ProbeAsync(), AcceptAsync());
    }

    /// <summary>Where it listens.</summary>
    public Uri Address => new($"http://{_listener.LocalEndpoint}");

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Dispose();
        _probes.Dispose();
        _stopping.Dispose();
    }

    private async Task ProbeAsync()
    {
        while (true)
        {
            var answers = await Task.WhenAll(_silos().Select(async silo => (Silo: silo, IsReady: await IsReadyAsync(silo))));
            _ready = [.. answers.Where(answer => answer.IsReady).Select(answer => answer.Silo)];
            await Task.Delay(ProbePause, TimeProvider.System, _stopping.Token);
        }
    }

    private async Task<bool> IsReadyAsync(Uri silo)
    {
        try
        {
            using var response = await _probes.GetAsync(new Uri(silo, "/healthz/ready"), _stopping.Token);
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !_stopping.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stopping.Token)));
            }
        }
        finally
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        using (var silo = new TcpClient())
        {
            try
            {
                var ready = _ready;
                if (ready.Length == 0)
                {
                    return;
                }

                var address = ready[(uint)Interlocked.Increment(ref _next) % ready.Length];
                await silo.ConnectAsync(address.Host, address.Port, _stopping.Token);
                var (near, far) = (client.GetStream(), silo.GetStream());
                await Task.WhenAny(near.CopyToAsync(far, _stopping.Token), far.CopyToAsync(near, _stopping.Token));
            }
            catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
            {
                // Either side has gone; closing the other tells it.
            }
        }
    }
}
