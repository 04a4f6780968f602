using Microsoft.Extensions.Hosting;

namespace Phaseo.Orleans.Cluster;

/// <summary>
/// Drains the silo when its host begins to stop: before the API closes and before the silo leaves, so that both serve
/// what is under way.
/// </summary>
internal sealed class DrainService(SiloDrain drain) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => drain.DrainAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
