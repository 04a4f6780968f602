using Phaseo.Orleans.Cli.Client;

namespace Phaseo.Orleans.Cli.Serving;

/// <summary>A server somewhere else.</summary>
internal sealed class RemoteServer(ServerAddress address, TimeProvider time) : IServerSession
{
    public PhaseoClient Client { get; } = new(address.Url, address.Key, time);

    public TimeSpan PollInterval { get; } = TimeSpan.FromSeconds(2);

    public ValueTask<long?> ReadCostAsync(BatchInfo batch) => ValueTask.FromResult(batch.Billing?.CostNanos);

    public ValueTask DisposeAsync()
    {
        Client.Dispose();
        return ValueTask.CompletedTask;
    }
}
