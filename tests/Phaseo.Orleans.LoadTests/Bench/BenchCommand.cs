using System.CommandLine;
using System.Globalization;

namespace Phaseo.Orleans.LoadTests.Bench;

/// <summary><c>bench</c>: measures and prints a report. Exit 0; 1 a run failed; 3 the run is void.</summary>
internal static class BenchCommand
{
    private const int VoidExit = 3;

    private static readonly IScenario[] Scenarios =
    [
        new RowsScenario("rows", latencyMs: 0, barOfTight: 0.85, mustBeatNaive: true),
        new RowsScenario("latency", latencyMs: 50, barOfTight: 0.97, mustBeatNaive: false),
        new SizesScenario(),
        new ValidationScenario(),
        new BatchesScenario(),
        new GetScenario(),
        new StartScenario(),
        new SilosScenario(),
        new AzuriteScenario(),
    ];

    public static Command Create()
    {
        var defaults = new BenchOptions();
        var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => defaults.Rounds, Description = "Interleaved rounds of each contender." };
        var rows = new Option<int>("--rows") { DefaultValueFactory = _ => defaults.Rows, Description = "Rows where the loops are compared." };
        var concurrency = new Option<int>("--concurrency") { DefaultValueFactory = _ => defaults.Concurrency, Description = "Calls at once." };
        var warmUp = new Option<int>("--warm-up") { DefaultValueFactory = _ => defaults.WarmUpRows, Description = "Rows that each process sends first." };
        var only = new Option<string[]>("--only") { AllowMultipleArgumentsPerToken = true, HelpName = "SCENARIO", Description = Help() };
        var phaseo = new Option<string>("--phaseo") { DefaultValueFactory = _ => defaults.PhaseoPath, Description = "The published command line." };
        var work = new Option<string>("--work") { DefaultValueFactory = _ => Path.Combine("artifacts", "bench"), Description = "Where files go; a disk, not memory." };
        var output = new Option<string?>("--out") { Description = "A file for the report besides standard output." };
        only.AcceptOnlyFromAmong([.. Scenarios.Select(scenario => scenario.Name)]);
        var command = new Command("bench", "The engine against the naive and the tight loop.")
        {
            rounds, rows, concurrency, warmUp, only, phaseo, work, output,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var options = new BenchOptions
            {
                Rounds = parsed.GetValue(rounds),
                Rows = parsed.GetValue(rows),
                Concurrency = parsed.GetValue(concurrency),
                WarmUpRows = parsed.GetValue(warmUp),
                PhaseoPath = Path.GetFullPath(parsed.GetValue(phaseo)!),
                Only = parsed.GetValue(only) ?? [],
            };
            return await RunAsync(options, parsed.GetValue(work)!, parsed.GetValue(output), cancellation);
        });
        return command;
    }

    private static async Task<int> RunAsync(BenchOptions options, string work, string? output, CancellationToken cancellation)
    {
        using var run = new BenchRun(options, work);
        var report = new BenchReport();
        foreach (var scenario in Scenarios.Where(scenario => options.Only.Count == 0 || options.Only.Contains(scenario.Name)))
        {
            await scenario.RunAsync(run, report, cancellation);
        }

        var markdown = report.ToMarkdown(Machine.Describe(run.Folder), How(options));
        Console.Write(markdown);
        if (output is not null)
        {
            await File.WriteAllTextAsync(output, markdown, cancellation);
        }

        return report.IsVoid ? VoidExit : 0;
    }

    private static string Help() =>
        "Only these scenarios. Default: all. " + string.Join("; ", Scenarios.Select(scenario => $"{scenario.Name}: {scenario.What}")) + ".";

    private static string How(BenchOptions options) => string.Create(
        CultureInfo.InvariantCulture,
        $"{options.Rounds} interleaved rounds, each contender in a process of its own and the upstream in another, on the same cores; "
        + $"each process sends {options.WarmUpRows:N0} rows, to an upstream without latency, before it is measured: a server lives long, and "
        + $"compiling is over by then. The *naive loop* is what a user would write "
        + $"(lines, `JsonDocument`, strings), the *tight loop* does the same on bytes; neither is durable. Absolute figures are this "
        + $"machine's; compare ratios.");
}
