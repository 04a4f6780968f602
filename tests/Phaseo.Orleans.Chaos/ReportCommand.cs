using System.CommandLine;
using Phaseo.Orleans.Chaos.Judging;

namespace Phaseo.Orleans.Chaos;

/// <summary><c>report</c>: one report of the parts of a long run. Exit as that of the run.</summary>
internal static class ReportCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>("files") { Arity = ArgumentArity.OneOrMore, Description = "What --append has written." };
        var output = new Option<string?>("--out") { Description = "Where to write the report." };
        var command = new Command("report", "Puts the parts of a long run together: what was injected, what held, what did not happen.") { files, output };
        command.SetAction(async (parsed, cancellation) =>
        {
            List<ChaosRecord> records = [];
            foreach (var file in parsed.GetRequiredValue(files))
            {
                records.AddRange(await ChaosRecords.ReadAsync(file, cancellation));
            }

            var report = new ChaosReport(records);
            report.Print(Console.Out, report.Missing);
            if (parsed.GetValue(output) is { } path)
            {
                await File.WriteAllTextAsync(path, report.ToMarkdown(), cancellation);
            }

            return report.Broken > 0 || report.Missing.Count > 0 ? 1 : 0;
        });
        return command;
    }
}
