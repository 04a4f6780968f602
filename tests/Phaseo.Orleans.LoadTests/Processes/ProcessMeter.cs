using System.Diagnostics;
using System.Globalization;

namespace Phaseo.Orleans.LoadTests.Processes;

/// <summary>Measures this process from its making on.</summary>
internal sealed class ProcessMeter
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly TimeSpan _cpu = Cpu();

    /// <summary>What it took to do <paramref name="items"/>.</summary>
    public RunResult Stop(double items)
    {
        var seconds = Stopwatch.GetElapsedTime(_start).TotalSeconds;
        return new RunResult(items, seconds, (Cpu() - _cpu).TotalSeconds, PeakBytes());
    }

    private static TimeSpan Cpu() => Environment.CpuUsage.TotalTime;

    // The kernel's high-water mark; Process.PeakWorkingSet64 elsewhere.
    private static long PeakBytes()
    {
        const string Mark = "VmHWM:";
        if (OperatingSystem.IsLinux())
        {
            var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(Mark, StringComparison.Ordinal));
            return 1024 * long.Parse(line.AsSpan(Mark.Length).Trim(" \tkB"), CultureInfo.InvariantCulture);
        }

        using var self = Process.GetCurrentProcess();
        return self.PeakWorkingSet64;
    }
}
