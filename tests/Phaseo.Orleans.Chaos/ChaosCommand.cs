using System.CommandLine;
using System.Globalization;
using Phaseo.Orleans.Chaos.Judging;

namespace Phaseo.Orleans.Chaos;

/// <summary>Runs seeds with real processes. Exit 0: every promise was kept, and everything that should happen did.</summary>
internal static class ChaosCommand
{
    public static RootCommand Create()
    {
        var defaults = new ChaosOptions();
        var seeds = new Option<int>("--seeds") { DefaultValueFactory = _ => defaults.Seeds, Description = "How many seeds." };
        var first = new Option<int>("--first") { DefaultValueFactory = _ => defaults.First, Description = "The first of them." };
        var seed = new Option<int?>("--seed") { Description = "Replays this seed alone." };
        var single = new Option<bool>("--single") { Description = "No seeds of three silos: needs no emulator." };
        var lanes = new Option<int>("--lanes") { DefaultValueFactory = _ => defaults.Lanes, Description = "Seeds of one silo at once." };
        var mutant = new Option<string?>("--mutant") { Description = "Has the engine break this rule. Exit 1 then means that it was seen." };
        var output = new Option<string?>("--out") { Description = "Where to write the report." };
        var command = new RootCommand("Breaks silos, storage and upstream as seeds say, and asks the oracle what became of it.")
        {
            seeds, first, seed, single, lanes, mutant, output,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            new ChaosOptions
            {
                First = parsed.GetValue(seed) ?? parsed.GetValue(first),
                Seeds = parsed.GetValue(seed) is null ? parsed.GetValue(seeds) : 1,
                IsReplay = parsed.GetValue(seed) is not null,
                Clusters = !parsed.GetValue(single),
                Lanes = parsed.GetValue(lanes),
                Mutant = parsed.GetValue(mutant),
                Out = parsed.GetValue(output),
            },
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(ChaosOptions options, CancellationToken cancellation)
    {
        // Silos inherit it.
        Environment.SetEnvironmentVariable(Mutant.Variable, options.Mutant);
        var started = TimeProvider.System.GetTimestamp();
        using var caught = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        IReadOnlyList<ChaosResult> results;
        var failed = new List<ChaosResult>();
        try
        {
            results = await new ChaosSession(options, Ended, caught.Token).RunAsync();
        }
        catch (OperationCanceledException) when (failed.Count > 0 && options.Mutant is not null)
        {
            return 1;
        }

        var coverage = new Coverage();
        foreach (var result in results)
        {
            coverage.Add(result.Coverage);
        }

        var missing = options.IsReplay || options.Mutant is not null ? [] : coverage.Missing(options.Clusters).ToList();
        var report = new ChaosReport(options, results, coverage, TimeProvider.System.GetElapsedTime(started));
        report.Print(Console.Out, missing);
        if (options.Out is { } path)
        {
            await File.WriteAllTextAsync(path, report.ToMarkdown(), cancellation);
        }

        return failed.Count > 0 || missing.Count > 0 ? 1 : 0;

        void Ended(ChaosResult result)
        {
            lock (failed)
            {
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{(result.Violations.Count == 0 ? "kept  " : "BROKEN")} {result.Took.TotalSeconds,5:0.0} s  {result.Plan}"));
                foreach (var violation in result.Violations)
                {
                    Console.WriteLine($"       {violation}");
                }

                if (result.Violations.Count > 0)
                {
                    Console.WriteLine($"       again: ./chaos --seed {result.Plan.Seed}{(options.Clusters ? "" : " --single")}{(options.Mutant is null ? "" : $" --mutant {options.Mutant}")}");
                    failed.Add(result);
                    if (options.Mutant is not null)
                    {
                        caught.Cancel();
                    }
                }
            }
        }
    }
}
