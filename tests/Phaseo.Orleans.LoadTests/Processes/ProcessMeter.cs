using System.Diagnostics;
using System.Globalization;

namespace Phaseo.Orleans.LoadTests.Processes;

/// <summary>Measures a process from the making of the meter on.</summary>
internal sealed class ProcessMeter
{
    private readonly int? _child;
    private readonly TimeSpan _cpu;
    private readonly long _start;

    /// <summary>A meter of this process, or of a child, whose CPU is known to a hundredth of a second only.</summary>
    public ProcessMeter(ChildProcess? child = null)
    {
        _child = child?.Id;
        _cpu = Cpu();
        _start = Stopwatch.GetTimestamp();
    }

    /// <summary>What it took to do <paramref name="items"/>.</summary>
    public RunResult Stop(double items)
    {
        var seconds = Stopwatch.GetElapsedTime(_start).TotalSeconds;
        return new RunResult(items, seconds, (Cpu() - _cpu).TotalSeconds, PeakBytes());
    }

    private TimeSpan Cpu()
    {
        if (_child is null)
        {
            return Environment.CpuUsage.TotalTime;
        }

        using var child = Process.GetProcessById(_child.Value);
        return child.TotalProcessorTime;
    }

    // The kernel's high-water mark; Process.PeakWorkingSet64 elsewhere.
    private long PeakBytes()
    {
        const string Mark = "VmHWM:";
        var id = _child ?? Environment.ProcessId;
        if (OperatingSystem.IsLinux())
        {
            var status = File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/status"));
            var line = status.First(line => line.StartsWith(Mark, StringComparison.Ordinal));
            return 1024 * long.Parse(line.AsSpan(Mark.Length).Trim(" \tkB"), CultureInfo.InvariantCulture);
        }

        using var process = Process.GetProcessById(id);
        return process.PeakWorkingSet64;
    }
}
