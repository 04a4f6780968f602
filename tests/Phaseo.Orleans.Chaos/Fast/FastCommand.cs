using System.CommandLine;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace Phaseo.Orleans.Chaos.Fast;

/// <summary><c>fast</c>: the engine's grains in this process, on a clock, stores and messages that a seed rules.</summary>
internal static class FastCommand
{
    public static Command Create()
    {
        var seeds = new Option<int>("--seeds") { DefaultValueFactory = _ => 2_000, Description = "How many schedules." };
        var first = new Option<int>("--first") { DefaultValueFactory = _ => 1, Description = "The first seed." };
        var seed = new Option<int?>("--seed") { Description = "Replays this seed alone." };
        var mutant = new Option<string?>("--mutant") { Description = "Has the engine break this rule. Exit 1 then means that it was seen." };
        var command = new Command("fast", "Thousands of schedules a minute: cancel, complete, expire, crash and repeated wake-ups in every order.")
        {
            seeds, first, seed, mutant,
        };
        command.SetAction(parsed =>
        {
            Environment.SetEnvironmentVariable(Mutant.Variable, parsed.GetValue(mutant));
            return parsed.GetValue(seed) is { } one
                ? Run(one, 1)
                : Run(parsed.GetValue(first), parsed.GetValue(seeds), parsed.GetValue(mutant));
        });
        return command;
    }

    private static int Run(int first, int count, string? mutant = null)
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var metrics = new PhaseoMetrics(services.GetRequiredService<IMeterFactory>());
        var started = TimeProvider.System.GetTimestamp();
        var happened = new Dictionary<string, int>();
        var (broken, done) = (0, 0);
        var gate = new Lock();
        Parallel.For(first, first + count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, (seed, loop) =>
        {
            var run = new SimRun(seed, metrics);
            var wrong = run.Run();
            lock (gate)
            {
                done++;
                foreach (var (what, times) in run.Happened)
                {
                    happened[what] = happened.GetValueOrDefault(what) + times;
                }

                if (wrong.Count > 0)
                {
                    broken++;
                    Console.WriteLine($"BROKEN seed {seed}: {string.Join("; ", wrong.Take(4))}");
                    Console.WriteLine($"       again: ./chaos fast --seed {seed}{(mutant is null ? "" : $" --mutant {mutant}")}");
                    if (mutant is not null || broken >= 10)
                    {
                        loop.Stop();
                    }
                }
            }
        });
        var took = TimeProvider.System.GetElapsedTime(started);
        Console.WriteLine(string.Join(", ", happened.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}: {pair.Value}")));
        Console.WriteLine($"{done} schedules in {took.TotalSeconds:0.0} s, {done / took.TotalMinutes:0} a minute: {(broken == 0 ? "every promise was kept" : $"{broken} broke a promise")}");
        return broken == 0 ? 0 : 1;
    }
}
