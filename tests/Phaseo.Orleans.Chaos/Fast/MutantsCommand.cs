using System.CommandLine;
using System.Diagnostics;

namespace Phaseo.Orleans.Chaos.Fast;

/// <summary><c>mutants</c>: breaks one rule of the engine after the other; exit 0 if each was seen.</summary>
internal static class MutantsCommand
{
    private static readonly string[] Fast =
    [
        "no-fence", "delta-reports", "state-before-files", "redispatch", "attempt-reused", "deadline-ignored", "index-unversioned",
        "unanswered-dropped", "silent-shard-awaited", "journals-kept", "usage-forgotten", "shown-before-saved",
    ];

    public static Command Create()
    {
        var seeds = new Option<int>("--seeds") { DefaultValueFactory = _ => 3_000, Description = "Schedules at most for each." };
        var command = new Command("mutants", "Breaks one rule after the other in a process of its own: each must be seen.") { seeds };
        command.SetAction(async (parsed, cancellation) =>
        {
            var missed = 0;
            foreach (var mutant in Fast)
            {
                var (isSeen, how) = await RunAsync(mutant, parsed.GetValue(seeds), cancellation);
                Console.WriteLine($"{(isSeen ? "seen  " : "MISSED")} {mutant}: {how}");
                missed += isSeen ? 0 : 1;
            }

            return missed == 0 ? 0 : 1;
        });
        return command;
    }

    private static async Task<(bool IsSeen, string How)> RunAsync(string mutant, int seeds, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(MutantsCommand).Assembly.Location, "fast", "--mutant", mutant, "--seeds", $"{seeds}"])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        var first = output.Split('\n').FirstOrDefault(line => line.StartsWith("BROKEN", StringComparison.Ordinal));
        return (process.ExitCode == 1 && first is not null, first?[7..] ?? "every promise was kept");
    }
}
