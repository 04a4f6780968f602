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
        var append = new Option<string?>("--append") { Description = "A part of a longer run: its record is added to this file, for 'report'." };
        var logs = new Option<string?>("--logs") { Description = "Where to write all that silos say, to look into a seed." };
        var output = new Option<string?>("--out") { Description = "Where to write the report." };
        var command = new RootCommand("Breaks silos, storage and upstream as seeds say, and asks the oracle what became of it.")
        {
            seeds, first, seed, single, lanes, mutant, append, logs, output,
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
                Append = parsed.GetValue(append),
                Logs = parsed.GetValue(logs),
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
        using var pauses = new MachinePauses();
        var progress = new ChaosProgress(options, caught);
        IReadOnlyList<ChaosResult> results;
        try
        {
            results = await new ChaosSession(options, pauses, progress.Ended, caught.Token).RunAsync();
        }
        catch (OperationCanceledException) when (progress.Broken > 0 && options.Mutant is not null)
        {
            return 1;
        }

        var record = new ChaosRecord(
            options.First,
            options.Seeds,
            options.Clusters,
            Math.Round(TimeProvider.System.GetElapsedTime(started).TotalSeconds, 1),
            Math.Round(pauses.Total.Late.TotalSeconds, 1),
            results);
        if (options.Append is { } file)
        {
            await ChaosRecords.AppendAsync(file, record, cancellation);
        }

        var report = new ChaosReport([record]);
        var missing = options.IsReplay || options.Mutant is not null || options.Append is not null ? [] : report.Missing;
        report.Print(Console.Out, missing);
        if (options.Out is { } path)
        {
            await File.WriteAllTextAsync(path, report.ToMarkdown(), cancellation);
        }

        return progress.Broken > 0 || missing.Count > 0 ? 1 : 0;
    }

    /// <summary>Tells of each seed when it ends; a mutant that was seen ends the run.</summary>
    private sealed class ChaosProgress(ChaosOptions options, CancellationTokenSource caught)
    {
        private readonly Lock _gate = new();

        public int Broken { get; private set; }

        public void Ended(ChaosResult result)
        {
            lock (_gate)
            {
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{(result.Violations.Count == 0 ? "kept  " : "BROKEN")} {result.Seconds,5:0.0} s  {result.Plan}"));
                foreach (var violation in result.Violations)
                {
                    Console.WriteLine($"       {violation}");
                }

                if (result.Violations.Count == 0)
                {
                    return;
                }

                Console.WriteLine($"       again: ./chaos --seed {result.Seed}{(options.Clusters ? "" : " --single")}{(options.Mutant is null ? "" : $" --mutant {options.Mutant}")}");
                Broken++;
                if (options.Mutant is not null)
                {
                    caught.Cancel();
                }
            }
        }
    }
}
