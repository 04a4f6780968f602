using Phaseo.Orleans.LoadTests.Processes;

namespace Phaseo.Orleans.LoadTests.Bench;

/// <summary>What one round of a contender works on.</summary>
/// <param name="InputPath">The rows.</param>
/// <param name="Upstream">The upstream's addresses.</param>
internal sealed record RoundJob(string InputPath, UpstreamAddresses Upstream);

/// <summary>One way to get the rows answered, in a process of its own.</summary>
internal sealed class Contender(string name, string command, bool ordered)
{
    public static readonly Contender Naive = new("naive loop", "naive", ordered: false);
    public static readonly Contender Tight = new("tight loop", "tight", ordered: false);
    public static readonly Contender Engine = new("engine", "engine", ordered: true);

    /// <summary>How the report calls it.</summary>
    public string Name { get; } = name;

    /// <summary>Runs once, checks the result, cleans up.</summary>
    public async Task<RunResult> RunAsync(BenchRun run, RoundJob job, CancellationToken cancellation)
    {
        var output = run.NewPath(command);
        var result = await BenchRun.MeasureAsync(
            [
                command,
                "--input", job.InputPath,
                "--output", output,
                .. run.EngineArguments(job.Upstream),
            ],
            cancellation);
        EchoCheck.Run(job.InputPath, output, ordered);
        File.Delete(output);
        return result;
    }
}
