using Phaseo.Orleans.Cli.Client;

namespace Phaseo.Orleans.Cli.Serving;

/// <summary>The server that a run talks to. Disposing it stops one of our own cleanly and leaves any other alone.</summary>
internal interface IServerSession : IAsyncDisposable
{
    /// <summary>Speaks with it.</summary>
    PhaseoClient Client { get; }

    /// <summary>How long to wait between two looks at a batch.</summary>
    TimeSpan PollInterval { get; }

    /// <summary>What a batch has cost so far in nano-dollars; null where that is not known.</summary>
    ValueTask<long?> ReadCostAsync(BatchInfo batch);
}
