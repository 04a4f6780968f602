using System.Diagnostics;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Cli;

/// <summary>Runs in processes of their own that die at a named place, and what <c>--resume</c> makes of them.</summary>
public sealed class KilledRunTests : IDisposable
{
    private const int Rows = 700; // two shards

    private readonly TempFolder _folder = new();

    private string Input => Path.Combine(_folder.Path, "in.jsonl");

    [Theory]
    [InlineData("K1", 137)] // the file is stored, its record is not
    [InlineData("K3", 137)] // the batch is created, its creation not answered
    [InlineData("K9:2", 137)] // answers are recorded and not reported
    [InlineData("K12", 137)] // the batch has ended and is not cleared away
    [InlineData("K9:2@TERM", 130)] // asked to stop in the middle
    public async Task A_run_that_stops_anywhere_is_resumed_to_the_same_files(string failPoint, int code)
    {
        await File.WriteAllTextAsync(Input, CliRows.Of("sim/echo-small", Rows), TestContext.Current.CancellationToken);

        var killed = await RunAsync(failPoint, "run", Input);
        var resumed = await RunAsync(null, "run", Input, "--resume");

        Assert.Equal(code, killed.Code);
        Assert.True(resumed.Code == 0, resumed.Error);
        Assert.Contains($"{Rows}: {Rows} ok, 0 failed", resumed.Out, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(0, Rows).Select(row => $"row-{row}"), CliRows.IdsIn(Path.Combine(_folder.Path, "in.out.jsonl")));
        Assert.Equal(["in.jsonl", "in.out.jsonl"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order());
    }

    public void Dispose() => _folder.Dispose();

    private async Task<CliResult> RunAsync(string? failPoint, params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "phaseo.dll"), .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["XDG_STATE_HOME"] = Path.Combine(_folder.Path, "state");
        start.Environment["PHASEO_FAILPOINT"] = failPoint;
        start.Environment.Remove("PHASEO_SERVER");
        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return new(process.ExitCode, await output, await error);
        }
        finally
        {
            process.Kill(); // nothing, once it has ended
        }
    }
}
