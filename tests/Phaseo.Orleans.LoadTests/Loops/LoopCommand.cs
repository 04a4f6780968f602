using System.CommandLine;
using Phaseo.Orleans.LoadTests.Processes;

namespace Phaseo.Orleans.LoadTests.Loops;

/// <summary><c>naive</c> and <c>tight</c>: one loop over one file; prints a <see cref="RunResult"/>.</summary>
internal static class LoopCommand
{
    public static Command Create(string name, string description, Func<LoopJob, CancellationToken, Task<int>> loop)
    {
        var input = new Option<string>("--input") { Required = true, Description = "The rows." };
        var output = new Option<string>("--output") { Required = true, Description = "The result lines; a new file." };
        var endpoint = new Option<string>("--endpoint") { Required = true, Description = "Where to send them." };
        var warmUpEndpoint = new Option<string?>("--warm-up-endpoint") { Description = "Where to send the rows before. Default: where all go." };
        var concurrency = new Option<int>("--concurrency") { DefaultValueFactory = _ => 256, Description = "Calls at once." };
        var warmUp = new Option<int>("--warm-up") { Description = "Rows to send before measuring." };
        var leash = new Option<bool>("--leash") { Description = "End when standard input does." };
        var command = new Command(name, description) { input, output, endpoint, warmUpEndpoint, concurrency, warmUp, leash };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var held = new Leash(parsed.GetValue(leash), cancellation);
            var job = new LoopJob(
                parsed.GetValue(input)!, parsed.GetValue(output)!, new Uri(parsed.GetValue(endpoint)!), parsed.GetValue(concurrency));
            var warmUpJob = job.WarmUp(new Uri(parsed.GetValue(warmUpEndpoint) ?? parsed.GetValue(endpoint)!));
            await job.MeasureAsync(loop, warmUpJob, parsed.GetValue(warmUp), held.Ended);
        });
        return command;
    }
}
