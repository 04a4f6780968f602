using System.Collections.Immutable;
using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.Chaos.Plans;

/// <summary>Everything that a seed decides: the load, what breaks and when. The same seed gives the same plan.</summary>
internal sealed record ChaosPlan
{
    /// <summary>What it was made from.</summary>
    public required int Seed { get; init; }

    /// <summary>In a word, what it tries.</summary>
    public required string Theme { get; init; }

    /// <summary>1: a data folder. More: that many on one storage account.</summary>
    public required int Silos { get; init; }

    /// <summary>The batches, in the order in which they are submitted.</summary>
    public required ImmutableArray<PlannedBatch> Batches { get; init; }

    /// <summary>What happens meanwhile, one after the other.</summary>
    public required ImmutableArray<ChaosStep> Steps { get; init; }

    /// <summary>How the upstream fails.</summary>
    public required EchoFaults Upstream { get; init; }

    /// <summary>How long the upstream takes.</summary>
    public required TimeSpan Latency { get; init; }

    /// <summary>Calls at once on each silo.</summary>
    public int Calls { get; init; } = 16;

    /// <summary>How long the quiet at the end may last before something is wrong.</summary>
    public TimeSpan QuietLimit { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>The role of each silo; the last one's is also that of all further ones. Default: <c>all</c>.</summary>
    public ImmutableArray<string> Roles { get; init; } = ["all"];

    /// <summary>Whether clients look away between their creates and the end, so that nobody wakes what sleeps.</summary>
    public bool NobodyAsks { get; init; }

    /// <summary>Whether it mostly waits, so that it may run beside others.</summary>
    public bool IsSlow { get; init; }

    /// <summary>The role of a silo.</summary>
    public string RoleOf(int silo) => Roles[Math.Min(silo, Roles.Length - 1)];

    /// <summary>What it plans, for people.</summary>
    public override string ToString() =>
        $"seed {Seed}: {Theme}, {(Silos == 1 ? "1 silo" : $"{Silos} silos")}, "
        + $"batches of {string.Join(", ", Batches)}; {string.Join(", ", Steps)}";
}

/// <summary>One batch of a plan.</summary>
/// <param name="Rows">Rows; 500 make a shard.</param>
/// <param name="Window">The completion window.</param>
/// <param name="GivesUp">Whether its client does not come back after a create that was cut off.</param>
internal sealed record PlannedBatch(int Rows, string Window = "24h", bool GivesUp = false)
{
    public override string ToString() => $"{Rows} rows{(Window == "24h" ? "" : $" within {Window}")}";
}

/// <summary>One thing that happens, once its moment has come.</summary>
internal abstract record ChaosStep
{
    private ChaosStep()
    {
    }

    /// <summary>After how many calls more; 0: at once. The moment comes at the latest after <see cref="Wait"/>.</summary>
    public int AfterCalls { get; init; }

    /// <summary>The longest wait for the moment.</summary>
    public TimeSpan Wait { get; init; }

    /// <summary>A batch is submitted; its client goes on by itself.</summary>
    internal sealed record Submit(int Batch) : ChaosStep
    {
        public override string ToString() => $"submit {Batch}";
    }

    /// <summary>A batch is asked to stop.</summary>
    internal sealed record Cancel(int Batch) : ChaosStep
    {
        public override string ToString() => $"cancel {Batch}";
    }

    /// <summary>Waits until a batch has left its first two statuses.</summary>
    internal sealed record Ending(int Batch) : ChaosStep
    {
        public override string ToString() => $"wait for the end of {Batch}";
    }

    /// <summary>Waits until a batch is terminal.</summary>
    internal sealed record Ended(int Batch) : ChaosStep
    {
        public override string ToString() => $"see {Batch} end";
    }

    /// <summary>A silo dies by SIGKILL and stays away.</summary>
    internal sealed record Down(int Silo) : ChaosStep
    {
        public override string ToString() => $"kill {Silo} for good";
    }

    /// <summary>A silo that stayed away is started again.</summary>
    internal sealed record Up(int Silo) : ChaosStep
    {
        public override string ToString() => $"start {Silo}";
    }

    /// <summary>A silo dies by SIGKILL and is started again.</summary>
    internal sealed record Kill(int Silo) : ChaosStep
    {
        public override string ToString() => $"kill {Silo}";
    }

    /// <summary>A silo gets SIGTERM and is started again.</summary>
    internal sealed record Terminate(int Silo) : ChaosStep
    {
        public override string ToString() => $"terminate {Silo}";
    }

    /// <summary>A silo gets SIGSTOP, and SIGCONT after a while.</summary>
    internal sealed record Freeze(int Silo, TimeSpan For) : ChaosStep
    {
        public override string ToString() => $"freeze {Silo} for {For.TotalSeconds:0.0} s";
    }

    /// <summary>A silo is started again so that a fail-point gives it a signal: KILL, TERM, or STOP for a while.</summary>
    internal sealed record Arm(int Silo, string Point, int Count, string Signal) : ChaosStep
    {
        /// <summary>How long a stopped one stays so.</summary>
        public TimeSpan For { get; init; }

        /// <summary>
        /// Whether it goes on for a while when it finds itself declared dead, which ends a process otherwise; nobody talks to
        /// it then, and it is killed.
        /// </summary>
        public bool Outlives { get; init; }

        public override string ToString() => $"{Point}:{Count}@{Signal} on {Silo}";
    }

    /// <summary>Waits until the fail-point that a silo was armed with has been reached, or a while has passed.</summary>
    internal sealed record Reach(int Silo) : ChaosStep
    {
        public override string ToString() => $"reach it on {Silo}";
    }

    /// <summary>The storage account is faulty for a while.</summary>
    internal sealed record Storage(string Script, TimeSpan For) : ChaosStep
    {
        public override string ToString() => $"storage {Script} for {For.TotalSeconds:0.0} s";
    }
}
