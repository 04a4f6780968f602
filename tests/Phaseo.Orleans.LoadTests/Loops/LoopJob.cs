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
    /// <summary>A job of the same kind on files of its own, sent elsewhere.</summary>
    public LoopJob WarmUp(Uri endpoint) =>
        this with { InputPath = OutputPath + ".warm-up", OutputPath = OutputPath + ".warm-up.out", Endpoint = endpoint };

    /// <summary>Runs a loop on other rows first, so that what is measured is compiled, and then measures it.</summary>
    public async Task MeasureAsync(
        Func<LoopJob, CancellationToken, Task<int>> loop, LoopJob warmUp, int warmUpRows, CancellationToken cancellation)
    {
        if (warmUpRows > 0)
        {
            await new RequestRows { Seed = -1 }.WriteAsync(warmUp.InputPath, warmUpRows, cancellation);
            await loop(warmUp, cancellation);
            File.Delete(warmUp.InputPath);
            File.Delete(warmUp.OutputPath);
        }

        var meter = new ProcessMeter();
        var rows = await loop(this, cancellation);
        meter.Stop(rows).Print();
    }
}
