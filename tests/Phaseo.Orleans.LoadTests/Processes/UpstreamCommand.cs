using System.CommandLine;
using System.Text.Json;
using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.LoadTests.Processes;

/// <summary>
/// <c>upstream</c>: an <see cref="EchoUpstream"/> in a process of its own, until it is told to stop; and beside it one that
/// answers at once and always well, so that whoever warms up need not wait, and the process itself gets warm.
/// </summary>
internal static class UpstreamCommand
{
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
            await using (var warmUp = await EchoUpstream.StartAsync(new EchoUpstreamOptions(), held.Ended))
            {
                Console.WriteLine(JsonSerializer.Serialize(new UpstreamAddresses(upstream.Address, warmUp.Address)));
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
    public static async Task<(ChildProcess Process, UpstreamAddresses Addresses)> StartAsync(CancellationToken cancellation, params string[] arguments)
    {
        var child = ChildProcess.Start(["upstream", .. arguments]);
        try
        {
            return (child, JsonSerializer.Deserialize<UpstreamAddresses>(await child.ReadLineAsync(cancellation))!);
        }
        catch
        {
            await child.DisposeAsync();
            throw;
        }
    }
}

/// <summary>Where an <c>upstream</c> listens.</summary>
/// <param name="Main">Answers as its options say.</param>
/// <param name="WarmUp">Answers at once and always well.</param>
internal sealed record UpstreamAddresses(Uri Main, Uri WarmUp);
