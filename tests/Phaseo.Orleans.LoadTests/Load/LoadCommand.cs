using System.CommandLine;

namespace Phaseo.Orleans.LoadTests.Load;

/// <summary><c>load</c>: many batches on silos of this process, then the oracle. Exit 0: every promise was kept.</summary>
internal static class LoadCommand
{
    public static Command Create()
    {
        var defaults = new LoadOptions();
        var silos = new Option<int>("--silos") { DefaultValueFactory = _ => defaults.Silos, Description = "Silos." };
        var batches = new Option<int>("--batches") { DefaultValueFactory = _ => defaults.Batches, Description = "Batches." };
        var atOnce = new Option<int>("--at-once") { DefaultValueFactory = _ => defaults.AtOnce, Description = "Batches that run side by side." };
        var minRows = new Option<int>("--min-rows") { DefaultValueFactory = _ => defaults.MinRows, Description = "Rows of the smallest batch." };
        var maxRows = new Option<int>("--max-rows") { DefaultValueFactory = _ => defaults.MaxRows, Description = "Rows of the largest batch." };
        var concurrency = new Option<int>("--concurrency") { DefaultValueFactory = _ => defaults.Concurrency, Description = "Calls at once on a silo." };
        var failing = new Option<double>("--failing") { DefaultValueFactory = _ => defaults.Failing, Description = "The share of calls that fail in a way worth a retry." };
        var refused = new Option<double>("--refused") { DefaultValueFactory = _ => defaults.Refused, Description = "The share of rows that are answered with 400." };
        var cancelled = new Option<double>("--cancelled") { DefaultValueFactory = _ => defaults.Cancelled, Description = "The share of batches that are cancelled." };
        var kills = new Option<int>("--kills") { Description = "Silos to kill on the way; needs two silos." };
        var seed = new Option<int>("--seed") { DefaultValueFactory = _ => defaults.Seed, Description = "What the run depends on." };
        var limit = new Option<int>("--limit-seconds") { DefaultValueFactory = _ => (int)defaults.Limit.TotalSeconds, Description = "The longest that the run may take." };
        var command = new Command("load", "Many batches at once over a faulty upstream, judged by the oracle.")
        {
            silos, batches, atOnce, minRows, maxRows, concurrency, failing, refused, cancelled, kills, seed, limit,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(kills) > 0 && result.GetValue(silos) < 2)
            {
                result.AddError("--kills needs --silos 2 or more: the first silo is the client's.");
            }
        });
        command.SetAction((parsed, cancellation) => RunAsync(
            new LoadOptions
            {
                Silos = parsed.GetValue(silos),
                Batches = parsed.GetValue(batches),
                AtOnce = parsed.GetValue(atOnce),
                MinRows = parsed.GetValue(minRows),
                MaxRows = parsed.GetValue(maxRows),
                Concurrency = parsed.GetValue(concurrency),
                Failing = parsed.GetValue(failing),
                Refused = parsed.GetValue(refused),
                Cancelled = parsed.GetValue(cancelled),
                Kills = parsed.GetValue(kills),
                Seed = parsed.GetValue(seed),
                Limit = TimeSpan.FromSeconds(parsed.GetValue(limit)),
            },
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(LoadOptions options, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(options.Limit);
        var folder = Directory.CreateTempSubdirectory("phaseo-load-");
        try
        {
            var violations = await new LoadRun(options, folder.FullName).RunAsync(limit.Token);
            foreach (var violation in violations)
            {
                Console.WriteLine(violation);
            }

            Console.WriteLine(violations.Count == 0 ? "every promise was kept" : $"{violations.Count} violations");
            return violations.Count == 0 ? 0 : 1;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
