namespace Phaseo.Orleans.Testing;

/// <summary>What an upstream does to a call.</summary>
public enum EchoFault
{
    /// <summary>Answers it: 200.</summary>
    None = 0,

    /// <summary>500.</summary>
    Error = 1,

    /// <summary>503.</summary>
    Overload = 2,

    /// <summary>429 without <c>Retry-After</c>.</summary>
    Throttle = 3,

    /// <summary>Closes the connection without an answer.</summary>
    Reset = 4,

    /// <summary>200, and the connection closes half-way through the body.</summary>
    Truncate = 5,

    /// <summary>400, the same at every attempt: the row's final answer.</summary>
    Refuse = 6,

    /// <summary>429 with a <c>Retry-After</c> of one second.</summary>
    ThrottleFor = 7,

    /// <summary>Never answers; the connection stays until the client gives up.</summary>
    Hang = 8,
}

/// <summary>
/// Decides which calls fail, and how. The choice depends on the seed, the body and the attempt alone, so a run's faults
/// do not depend on its timing.
/// </summary>
public sealed record EchoFaults
{
    /// <summary>The ways to fail that cost a caller no more than a retry.</summary>
    private static readonly IReadOnlyList<EchoFault> Quick =
        [EchoFault.Error, EchoFault.Overload, EchoFault.Throttle, EchoFault.Reset, EchoFault.Truncate];

    /// <summary>All goes well.</summary>
    public static readonly EchoFaults None = new();

    /// <summary>What the choice depends on besides the call. Default: 0.</summary>
    public ulong Seed { get; init; }

    /// <summary>The share of rows that are refused at every attempt, 0–1. Default: 0.</summary>
    public double Refused { get; init; }

    /// <summary>The share of other calls that fail in a way worth a retry, 0–1, evenly over the kinds. Default: 0.</summary>
    public double Failing { get; init; }

    /// <summary>The one way in which calls fail; null: all <see cref="Kinds"/>. Default: null.</summary>
    public EchoFault? Only { get; init; }

    /// <summary>The ways in which calls fail. Default: those that cost a caller no more than a retry.</summary>
    public IReadOnlyList<EchoFault> Kinds { get; init; } = Quick;

    /// <summary>Calls above this attempt never fail, so that every row gets an answer in the end. Default: 4.</summary>
    public int LastFailingAttempt { get; init; } = 4;

    /// <summary>What to do with a call. An attempt of 0 (none stated) counts as 1.</summary>
    public EchoFault Pick(ulong body, int attempt)
    {
        if (Share(body, 0) < Refused)
        {
            return EchoFault.Refuse;
        }

        if (attempt > LastFailingAttempt)
        {
            return EchoFault.None;
        }

        var share = Share(body, (ulong)Math.Max(attempt, 1));
        return share < Failing ? Only ?? Kinds[(int)(share / Failing * Kinds.Count)] : EchoFault.None;
    }

    // Between 0 and 1: SplitMix64 of what the choice depends on (Steele, Lea and Flood, OOPSLA 2014).
    private double Share(ulong body, ulong attempt)
    {
        var z = body + ((Seed + 1) * 0x9e3779b97f4a7c15) + (attempt * 0xd1342543de82ef95);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
    }
}
