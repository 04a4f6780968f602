using System.Text.Json;

namespace Phaseo.Orleans.LoadTests.Processes;

/// <summary>What one measured child says of its run: one line of JSON on its standard output.</summary>
/// <param name="Items">Rows (or batches, requests, megabytes) done.</param>
/// <param name="Seconds">Wall-clock time from the first to the last.</param>
/// <param name="CpuSeconds">User and system time of the process meanwhile.</param>
/// <param name="PeakBytes">The most memory that the process had resident in its whole life.</param>
internal sealed record RunResult(double Items, double Seconds, double CpuSeconds, long PeakBytes)
{
    /// <summary>Items a second.</summary>
    public double Rate => Items / Seconds;

    /// <summary>Microseconds of CPU an item.</summary>
    public double CpuMicroseconds => CpuSeconds * 1_000_000 / Items;

    /// <summary>Says it to the parent.</summary>
    public void Print() => Console.WriteLine(JsonSerializer.Serialize(this));

    /// <summary>Hears it from a child.</summary>
    public static async Task<RunResult> ReadAsync(ChildProcess child, CancellationToken cancellation) =>
        JsonSerializer.Deserialize<RunResult>(await child.ReadLineAsync(cancellation))!;
}
