using System.Collections.Immutable;
using Phaseo.Orleans.AzureStores.Faults;
using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.Chaos.Plans;

/// <summary>
/// Makes a plan from a seed. The theme goes round with the seed, so that a run of neighbouring seeds tries all of them;
/// moments, sizes and kinds are the seed's own.
/// </summary>
internal static class Planner
{
    /// <summary>Seeds in a row in which everything occurs that the coverage asks for.</summary>
    public const int Round = 40;

    private const int ClusterSilos = 3;

    private static readonly (string Point, int Most)[] Points =
    [
        ("K2e", 1), ("K3", 1), ("K4", 1), ("K5", 1), ("K6", 2), ("K7", 600), ("K8", 8), ("K9", 8), ("K10", 4), ("K11", 1), ("K12", 1),
    ];

    private static readonly EchoFault[] AllWays =
    [
        EchoFault.Error, EchoFault.Overload, EchoFault.Throttle, EchoFault.ThrottleFor, EchoFault.Reset, EchoFault.Truncate, EchoFault.Hang,
    ];

    /// <summary>The plan of a seed.</summary>
    /// <param name="seed">Any number.</param>
    /// <param name="clusters">Whether seeds may want a storage account.</param>
    public static ChaosPlan Make(int seed, bool clusters)
    {
        var random = new Random(seed);
        var turn = ((seed - 1) % Round + Round) % Round;
        return turn switch
        {
            0 => Create(seed, random),
            1 => Abandon(seed, random),
            2 => Expire(seed, random),
            _ when clusters && turn % 8 == 3 => Cluster(seed, random, turn / 8),
            _ => Single(seed, random, turn),
        };
    }

    // A kill between each two steps of an upload and a create: each client comes again under its key.
    private static ChaosPlan Create(int seed, Random random)
    {
        string[] points = ["K1", "K2a", "K2b", "K2c", "K2d", "K2e", "K3"];
        List<ChaosStep> steps = [];
        foreach (var (point, batch) in points.Select((point, batch) => (point, batch)))
        {
            steps.AddRange([new ChaosStep.Arm(0, point, 1, "KILL"), new ChaosStep.Submit(batch), new ChaosStep.Reach(0)]);
        }

        return Base(seed, "creates cut off", random) with
        {
            Batches = [.. points.Select(_ => new PlannedBatch(random.Next(1, 40)))],
            Steps = [.. steps],
            QuietLimit = TimeSpan.FromSeconds(200),
        };
    }

    // Clients that never come back: what they left over is found and removed.
    private static ChaosPlan Abandon(int seed, Random random) => Base(seed, "creates given up", random) with
    {
        Batches = [new(5, GivesUp: true), new(5, GivesUp: true), new(5, GivesUp: true), new(20)],
        Steps =
        [
            new ChaosStep.Arm(0, "K2b", 1, "KILL"), new ChaosStep.Submit(0), new ChaosStep.Reach(0),
            new ChaosStep.Arm(0, "K2c", 1, "KILL"), new ChaosStep.Submit(1), new ChaosStep.Reach(0),
            new ChaosStep.Arm(0, "K2d", 1, "KILL"), new ChaosStep.Submit(2), new ChaosStep.Reach(0),
            new ChaosStep.Submit(3),
        ],
        QuietLimit = TimeSpan.FromSeconds(260),
    };

    // Windows that end in the middle, a kill at each point on the way out, and the reminder that is left.
    private static ChaosPlan Expire(int seed, Random random) => Base(seed, "windows that end", random) with
    {
        Batches = [new(1_200, "1m"), new(700, "1m"), new(3)],
        Latency = TimeSpan.FromSeconds(6),
        Upstream = new() { Seed = (ulong)seed },
        Steps =
        [
            new ChaosStep.Submit(0), new ChaosStep.Submit(1),
            new ChaosStep.Ending(0) { Wait = TimeSpan.FromSeconds(75) },
            new ChaosStep.Kill(0),
            new ChaosStep.Arm(0, "K10", 1, "KILL"), new ChaosStep.Reach(0),
            new ChaosStep.Arm(0, "K11", 1, "KILL"), new ChaosStep.Reach(0),
            new ChaosStep.Arm(0, "K14", 1, "KILL"), new ChaosStep.Submit(2), new ChaosStep.Reach(0),
        ],
        QuietLimit = TimeSpan.FromSeconds(150),
    };

    private static ChaosPlan Single(int seed, Random random, int turn)
    {
        var batches = SomeBatches(random);
        List<ChaosStep> steps = [];
        var (point, most) = Points[turn % Points.Length];
        var signal = random.Next(4) == 0 ? "TERM" : "KILL";
        steps.Add(new ChaosStep.Arm(0, point, random.Next(1, most + 1), signal));
        steps.AddRange(batches.Select((_, batch) => new ChaosStep.Submit(batch)));
        if (random.Next(2) == 0)
        {
            steps.Add(new ChaosStep.Cancel(0) { AfterCalls = random.Next(400), Wait = Seconds(random, 2) });
        }

        steps.Add(new ChaosStep.Reach(0));
        for (var more = random.Next(3); more > 0; more--)
        {
            steps.Add(Fault(random, 0, batches.Length));
        }

        return Base(seed, "one silo", random) with { Batches = batches, Steps = [.. steps] };
    }

    private static ChaosPlan Cluster(int seed, Random random, int turn)
    {
        var batches = SomeBatches(random);
        List<ChaosStep> steps = [.. batches.Select((_, batch) => new ChaosStep.Submit(batch))];
        var silo = random.Next(ClusterSilos);
        var theme = (turn % 4) switch
        {
            0 => "three silos, kills",
            1 => "three silos, a zombie",
            2 => "three silos, faulty storage",
            _ => "three silos, kill points",
        };
        switch (turn % 4)
        {
            case 1:
                // Longer than the others take to declare it dead; it wakes between full buffer and append.
                steps.Insert(0, new ChaosStep.Arm(silo, "K8", random.Next(1, 4), "STOP") { For = TimeSpan.FromSeconds(14 + random.Next(6)) });
                steps.Add(new ChaosStep.Reach(silo));
                break;
            case 2:
                steps.Insert(1, new ChaosStep.Storage(Script(seed, random), TimeSpan.FromSeconds(4 + random.Next(8))) { Wait = Seconds(random, 1) });
                break;
            case 3:
                var (point, most) = Points[4 + random.Next(Points.Length - 4)];
                steps.Insert(0, new ChaosStep.Arm(silo, point, random.Next(1, Math.Min(most, 40) + 1), "KILL"));
                steps.Add(new ChaosStep.Reach(silo));
                break;
        }

        for (var more = 1 + random.Next(2); more > 0; more--)
        {
            steps.Add(Fault(random, random.Next(ClusterSilos), batches.Length));
        }

        return Base(seed, theme, random) with { Silos = ClusterSilos, Batches = batches, Steps = [.. steps], Latency = TimeSpan.FromMilliseconds(random.Next(50, 300)) };
    }

    private static ChaosPlan Base(int seed, string theme, Random random) => new()
    {
        Seed = seed,
        Theme = theme,
        Silos = 1,
        Batches = [],
        Steps = [],
        Latency = TimeSpan.FromMilliseconds(random.Next(5, 60)),
        Upstream = new()
        {
            Seed = (ulong)seed,
            Refused = 0.02,
            Failing = random.NextDouble() * 0.08,
            Kinds = [.. AllWays.Where(_ => random.Next(3) > 0).DefaultIfEmpty(EchoFault.Error)],
            LastFailingAttempt = 1 + random.Next(2),
        },
    };

    private static ImmutableArray<PlannedBatch> SomeBatches(Random random) =>
        [.. Enumerable.Range(0, random.Next(1, 4)).Select(batch => new PlannedBatch(batch == 0 || random.Next(3) == 0 ? random.Next(200, 1_600) : random.Next(1, 30)))];

    private static ChaosStep Fault(Random random, int silo, int batches)
    {
        var (calls, wait) = (random.Next(600), Seconds(random, 3));
        return random.Next(5) switch
        {
            0 => new ChaosStep.Terminate(silo) { AfterCalls = calls, Wait = wait },
            1 => new ChaosStep.Freeze(silo, Seconds(random, 4)) { AfterCalls = calls, Wait = wait },
            2 => new ChaosStep.Cancel(random.Next(batches)) { AfterCalls = calls, Wait = wait },
            _ => new ChaosStep.Kill(silo) { AfterCalls = calls, Wait = wait },
        };
    }

    private static string Script(int seed, Random random) => new StorageFaultScript
    {
        Seed = (ulong)seed,
        Shares = new Dictionary<StorageFault, double>
        {
            [StorageFault.Refused] = 0.2 * random.NextDouble(),
            [StorageFault.Slow] = 0.1 * random.NextDouble(),
            [StorageFault.Lost] = 0.1 * random.NextDouble(),
            [StorageFault.Late] = 0.05 * random.NextDouble(),
            [StorageFault.Repeated] = 0.1 * random.NextDouble(),
            [StorageFault.Conflict] = 0.05 * random.NextDouble(),
        },
        Lasting = random.NextDouble() * 0.3,
        Longest = TimeSpan.FromSeconds(2),
    }.ToString();

    private static TimeSpan Seconds(Random random, double most) => TimeSpan.FromSeconds(random.NextDouble() * most);
}
