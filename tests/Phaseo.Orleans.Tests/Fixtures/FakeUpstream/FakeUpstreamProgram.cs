using System.Text.Json;

namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>A <see cref="FakeUpstream"/> as a program of its own, for tests that start and kill processes.</summary>
public static class FakeUpstreamProgram
{
    /// <summary>
    /// Runs until its input ends or <paramref name="cancellation"/> fires. Its first line of output is the base URL.
    /// Each line of input, an array of <see cref="FakeRule"/> as JSON, replaces the rules and is answered with
    /// <c>ok</c>.
    /// </summary>
    public static async Task RunAsync(
        FakeUpstreamOptions options, TextReader input, TextWriter output, CancellationToken cancellation)
    {
        await using var upstream = await FakeUpstream.StartAsync(options, cancellation);
        await output.WriteLineAsync(upstream.BaseUrl.ToString());
        await output.FlushAsync(cancellation);
        while (await input.ReadLineAsync(cancellation) is { } line)
        {
            upstream.Rules = JsonSerializer.Deserialize<FakeRule[]>(line) ?? [];
            await output.WriteLineAsync("ok");
            await output.FlushAsync(cancellation);
        }
    }
}
