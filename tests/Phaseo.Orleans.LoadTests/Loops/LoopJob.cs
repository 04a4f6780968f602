using Phaseo.Orleans.LoadTests.Processes;
using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.LoadTests.Loops;

/// <summary>What both loops do: send every row of a file and write a result line for each, in any order.</summary>
/// <param name="InputPath">The rows.</param>
/// <param name="OutputPath">The result lines; a new file.</param>
/// <param name="Endpoint">Where to send them.</param>
/// <param name="Concurrency">Calls at once.</param>
internal sealed record LoopJob(string InputPath, string OutputPath, Uri Endpoint, int Concurrency)
{
    /// <summary>Runs a loop on fewer rows first, so that what is measured is compiled, and then measures it.</summary>
    public async Task MeasureAsync(Func<LoopJob, CancellationToken, Task<int>> loop, int warmUpRows, CancellationToken cancellation)
    {
        if (warmUpRows > 0)
        {
            var (input, output) = (OutputPath + ".warm-up", OutputPath + ".warm-up.out");
            await new RequestRows { Seed = -1 }.WriteAsync(input, warmUpRows, cancellation);
            await loop(this with { InputPath = input, OutputPath = output }, cancellation);
            File.Delete(input);
            File.Delete(output);
        }

        var meter = new ProcessMeter();
        var rows = await loop(this, cancellation);
        meter.Stop(rows).Print();
    }
}
