using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.Tests.Crashes;

/// <summary>What a run's batch and its upstream are like.</summary>
internal sealed record CrashPlan
{
    /// <summary>Rows; 500 make a shard.</summary>
    public int Rows { get; init; } = 1_200;

    /// <summary>How long the upstream takes.</summary>
    public TimeSpan Latency { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Calls at once.</summary>
    public int Calls { get; init; } = 16;

    /// <summary>Calls at once that the provider takes of all silos together. Default: as many as they make.</summary>
    public int? ProviderCalls { get; init; }

    /// <summary>How the upstream fails.</summary>
    public EchoFaults Faults { get; init; } = new() { Refused = 0.02, Failing = 0.02, LastFailingAttempt = 1 };

    /// <summary>The batch's window.</summary>
    public string Window { get; init; } = "24h";

    /// <summary>Shards that the batch is cut into.</summary>
    public int Shards => (Rows + 499) / 500;

    /// <summary>Calls that a kill may cause to be made again: those in flight and those answered, not recorded (I3).</summary>
    public int RepeatedPerKill => Calls + (((Calls + 15) / 16) + 1) * 128;
}
