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

    // Seeds of a round that have plans of their own come first.
    private const int Specials = 8;

    private static readonly (string Point, int Most)[] Points =
    [
        ("K2e", 1), ("K3", 1), ("K4", 1), ("K5", 1), ("K6", 2), ("K7", 600), ("K8", 8), ("K9", 8), ("K10", 4), ("K11", 1), ("K12", 1), ("K14", 1),
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
            _ when clusters && turn % 5 == 3 => Cluster(seed, random, turn / 5),
            4 => Cancelled(seed, random),
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
            IsSlow = true,
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
        IsSlow = true,
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
        IsSlow = true,
    };

    // Calls that take long keep a batch in its cancelling for a while, and the silo dies in that.
    private static ChaosPlan Cancelled(int seed, Random random) => Base(seed, "cancels cut off", random) with
    {
        Batches = [new(random.Next(600, 1_200)), new(random.Next(100, 400))],
        Latency = TimeSpan.FromSeconds(2),
        Steps =
        [
            new ChaosStep.Submit(0), new ChaosStep.Submit(1),
            new ChaosStep.Cancel(0) { AfterCalls = random.Next(20, 60), Wait = TimeSpan.FromSeconds(10) },
            new ChaosStep.Kill(0) { Wait = TimeSpan.FromMilliseconds(random.Next(300, 1_000)) },
            new ChaosStep.Cancel(1) { AfterCalls = random.Next(20, 60), Wait = TimeSpan.FromSeconds(10) },
            new ChaosStep.Terminate(0) { Wait = TimeSpan.FromMilliseconds(random.Next(300, 1_000)) },
        ],
    };

    private static ChaosPlan Single(int seed, Random random, int turn)
    {
        var batches = SomeBatches(random);
        List<ChaosStep> steps = [];
        var (point, most) = Points[turn % Points.Length];

        // Once a round for certain, then at the seed's choice.
        var isFirst = turn <= Points.Length + Specials;
        var signal = !isFirst && random.Next(4) == 0 ? "TERM" : "KILL";
        steps.Add(new ChaosStep.Arm(0, point, isFirst ? 1 : random.Next(1, most + 1), signal));
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
        var plan = (turn % 8) switch
        {
            0 => Kills(seed, random),
            1 or 5 => Zombie(seed, random),
            2 or 6 => FaultyStorage(seed, random),
            3 => KillPoints(seed, random),
            4 => Unwatched(seed, random),
            _ => Workers(seed, random),
        };
        return plan with { Silos = ClusterSilos };
    }

    private static ChaosPlan Kills(int seed, Random random)
    {
        var batches = SomeBatches(random);
        return Base(seed, "three silos, kills", random) with
        {
            Batches = batches,
            Latency = TimeSpan.FromMilliseconds(random.Next(50, 300)),
            Steps =
            [
                .. batches.Select((_, batch) => new ChaosStep.Submit(batch)),
                new ChaosStep.Kill(random.Next(ClusterSilos)) { AfterCalls = random.Next(50, 300), Wait = Seconds(random, 3) },
                random.Next(2) == 0
                    ? Fault(random, random.Next(ClusterSilos), batches.Length)
                    : new ChaosStep.Freeze(random.Next(ClusterSilos), TimeSpan.FromSeconds(random.Next(5, 20))) { AfterCalls = random.Next(300), Wait = Seconds(random, 3) },
                Fault(random, random.Next(ClusterSilos), batches.Length),
            ],
        };
    }

    // It stands still between full buffer and append until the others have taken its work over. Each silo has shards of a
    // batch of this size, and calls take so long that there is work left by then.
    private static ChaosPlan Zombie(int seed, Random random)
    {
        var silo = random.Next(ClusterSilos);
        return Base(seed, "three silos, a zombie", random) with
        {
            Batches = [new(random.Next(3_000, 4_000)), new(random.Next(1, 600))],
            Latency = TimeSpan.FromMilliseconds(random.Next(300, 400)),
            Steps =
            [
                new ChaosStep.Arm(silo, "K8", random.Next(1, 4), "STOP") { For = TimeSpan.FromSeconds(50), Outlives = true },
                new ChaosStep.Submit(0), new ChaosStep.Submit(1), new ChaosStep.Reach(silo),
                Fault(random, random.Next(ClusterSilos), 2),
            ],
        };
    }

    private static ChaosPlan FaultyStorage(int seed, Random random) => Base(seed, "three silos, faulty storage", random) with
    {
        Batches = [new(random.Next(1_000, 1_600)), new(random.Next(400, 800)), new(random.Next(1, 30)), new(random.Next(1, 30))],
        Latency = TimeSpan.FromMilliseconds(random.Next(150, 300)),
        Steps =
        [
            new ChaosStep.Submit(0),
            new ChaosStep.Storage(Script(seed, random), TimeSpan.FromSeconds(8 + random.Next(6))) { Wait = Seconds(random, 1) },
            new ChaosStep.Submit(1), new ChaosStep.Submit(2), new ChaosStep.Submit(3),
            Fault(random, random.Next(ClusterSilos), 4),
        ],
    };

    private static ChaosPlan KillPoints(int seed, Random random)
    {
        var batches = SomeBatches(random);
        var silo = random.Next(ClusterSilos);
        var (point, most) = Points[4 + random.Next(Points.Length - 4)];
        return Base(seed, "three silos, kill points", random) with
        {
            Batches = batches,
            Latency = TimeSpan.FromMilliseconds(random.Next(50, 300)),
            Steps =
            [
                new ChaosStep.Arm(silo, point, random.Next(1, Math.Min(most, 40) + 1), "KILL"),
                .. batches.Select((_, batch) => new ChaosStep.Submit(batch)),
                new ChaosStep.Reach(silo),
                Fault(random, random.Next(ClusterSilos), batches.Length),
            ],
        };
    }

    // Batches of one shard, some of which are with all they have on the silos that die at once; and no client looks.
    private static ChaosPlan Unwatched(int seed, Random random)
    {
        const int Small = 12;
        var left = random.Next(ClusterSilos);
        var (one, other) = ((left + 1) % ClusterSilos, (left + 2) % ClusterSilos);
        return Base(seed, "three silos, nobody asks", random) with
        {
            Batches = [.. Enumerable.Range(0, Small).Select(_ => new PlannedBatch(random.Next(100, 200)))],
            Latency = TimeSpan.FromMilliseconds(random.Next(500, 800)),
            NobodyAsks = true,
            Steps =
            [
                .. Enumerable.Range(0, Small).Select(batch => new ChaosStep.Submit(batch)),
                new ChaosStep.Down(one) { AfterCalls = random.Next(200, 500), Wait = TimeSpan.FromSeconds(8) },
                new ChaosStep.Down(other),
                new ChaosStep.Up(one) { Wait = TimeSpan.FromSeconds(random.Next(5, 20)) },
                new ChaosStep.Up(other),
            ],
        };
    }

    // All who may call providers are gone: what is left cancels, and ends in time, and does no more.
    private static ChaosPlan Workers(int seed, Random random) => Base(seed, "an api silo alone", random) with
    {
        Roles = ["api", "worker"],
        Batches = [new(random.Next(4_000, 8_000), "1m"), new(random.Next(1_000, 2_000)), new(random.Next(1, 600))],
        Latency = TimeSpan.FromMilliseconds(random.Next(500, 800)),
        QuietLimit = TimeSpan.FromSeconds(150),
        IsSlow = true,
        Steps =
        [
            new ChaosStep.Submit(0), new ChaosStep.Submit(1),
            new ChaosStep.Down(1) { AfterCalls = random.Next(100, 300), Wait = TimeSpan.FromSeconds(10) },
            new ChaosStep.Down(2) { Wait = Seconds(random, 1) },
            new ChaosStep.Cancel(1) { Wait = Seconds(random, 3) },
            new ChaosStep.Ended(1) { Wait = TimeSpan.FromSeconds(60) },
            new ChaosStep.Ended(0) { Wait = TimeSpan.FromSeconds(90) },
            new ChaosStep.Submit(2), new ChaosStep.Up(1), new ChaosStep.Up(2),
        ],
    };

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

    // About half of all requests while it lasts; none of the kinds can be missing. Few requests have a condition to refuse.
    private static string Script(int seed, Random random)
    {
        return new StorageFaultScript
        {
            Seed = (ulong)seed,
            Shares = new Dictionary<StorageFault, double>
            {
                [StorageFault.Refused] = Share(0.15),
                [StorageFault.Slow] = Share(0.10),
                [StorageFault.Lost] = Share(0.12),
                [StorageFault.Late] = Share(0.06),
                [StorageFault.Repeated] = Share(0.12),
                [StorageFault.Conflict] = Share(0.30),
            },
            Lasting = random.NextDouble() * 0.3,
            Longest = TimeSpan.FromSeconds(2),
        }.ToString();

        double Share(double most) => most * (0.5 + (random.NextDouble() / 2));
    }

    private static TimeSpan Seconds(Random random, double most) => TimeSpan.FromSeconds(random.NextDouble() * most);
}
