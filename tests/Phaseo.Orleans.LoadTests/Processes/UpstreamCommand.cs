using System.CommandLine;
using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.LoadTests.Processes;

/// <summary><c>upstream</c>: an <see cref="EchoUpstream"/> in a process of its own, until it is told to stop.</summary>
internal static class UpstreamCommand
{
    private const string Prefix = "listening ";

    public static Command Create()
    {
        var latency = new Option<int>("--latency-ms") { Description = "Milliseconds to an answer." };
        var failing = new Option<double>("--failing") { Description = "The share of calls that fail in a way worth a retry." };
        var refused = new Option<double>("--refused") { Description = "The share of rows that are answered with 400." };
        var seed = new Option<ulong>("--seed") { Description = "What the choice of faults depends on." };
        var log = new Option<string?>("--log") { Description = "Where to write every call when stopping." };
        var leash = new Option<bool>("--leash") { Description = "End when standard input does." };
        var command = new Command("upstream", "A provider on a free port of loopback.") { latency, failing, refused, seed, log, leash };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var held = new Leash(parsed.GetValue(leash), cancellation);
            var path = parsed.GetValue(log);
            var options = new EchoUpstreamOptions
            {
                Latency = TimeSpan.FromMilliseconds(parsed.GetValue(latency)),
                Faults = new EchoFaults
                {
                    Seed = parsed.GetValue(seed),
                    Failing = parsed.GetValue(failing),
                    Refused = parsed.GetValue(refused),
                },
                Log = path is null ? null : new CallLog(),
            };
            await using (var upstream = await EchoUpstream.StartAsync(options, held.Ended))
            {
                Console.WriteLine(Prefix + upstream.Address.AbsoluteUri.TrimEnd('/'));
                await held.WaitAsync();
            }

            if (path is not null)
            {
                await options.Log!.SaveAsync(path, CancellationToken.None);
            }
        });
        return command;
    }

    /// <summary>Starts one; the process and where it listens.</summary>
    public static async Task<(ChildProcess Process, Uri Address)> StartAsync(CancellationToken cancellation, params string[] arguments)
    {
        var child = ChildProcess.Start(["upstream", .. arguments]);
        try
        {
            var line = await child.ReadLineAsync(cancellation);
            return (child, new Uri(line[Prefix.Length..]));
        }
        catch
        {
            await child.DisposeAsync();
            throw;
        }
    }
}
