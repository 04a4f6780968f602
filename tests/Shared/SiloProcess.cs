using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Phaseo.Orleans.Silo;

namespace Phaseo.Orleans.Testing;

/// <summary>The silo's own program in a process of its own, on loopback and a port that was free.</summary>
internal sealed class SiloProcess : IAsyncDisposable
{
    /// <summary>What a process that SIGKILL ended leaves as its exit code.</summary>
    public const int Killed = 128 + 9;

    private const string Listening = "Now listening on: ";
    private const int LinesKept = 60;

    // The machine may be busy with other tests; a process that needs longer has hung.
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly Action<string>? _heard;

    private SiloProcess(Process process, Action<string>? heard)
    {
        (_process, _heard) = (process, heard);
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.ErrorDataReceived += (_, line) => Take(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Where its API listens.</summary>
    public Uri Address => _address.Task.Result;

    /// <summary>The operating system's number for it.</summary>
    public int Id => _process.Id;

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>The last lines that it wrote.</summary>
    public string Log => string.Join('\n', _lines);

    /// <summary>Starts the program and waits until its API listens.</summary>
    /// <param name="settings">Its command line, <c>--Batches:MaxConcurrentCalls=16</c>.</param>
    /// <param name="key">The key of its API.</param>
    /// <param name="failPoint">Where it kills itself, <c>K6:1</c>; null: nowhere.</param>
    /// <param name="environment">More of its environment.</param>
    /// <param name="heard">Called with every line that it writes.</param>
    public static async Task<SiloProcess> StartAsync(
        IEnumerable<string> settings,
        string key,
        string? failPoint,
        IEnumerable<KeyValuePair<string, string>>? environment = null,
        Action<string>? heard = null)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(SiloOptions).Assembly.Location, "--urls=http://127.0.0.1:0", .. settings])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PHASEO_KEY"] = key;
        start.Environment["PHASEO_FAILPOINT"] = failPoint ?? "";
        foreach (var (name, value) in environment ?? [])
        {
            start.Environment[name] = value;
        }

        var silo = new SiloProcess(Process.Start(start)!, heard);
        try
        {
            await Task.WhenAny(silo._address.Task, silo._process.WaitForExitAsync()).WaitAsync(StartLimit, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            await silo.DisposeAsync();
            throw new TimeoutException($"The silo did not listen within {StartLimit.TotalSeconds} s:\n{silo.Log}");
        }

        return silo._address.Task.IsCompleted
            ? silo
            : throw new InvalidOperationException($"The silo ended with {silo._process.ExitCode} before it listened:\n{silo.Log}");
    }

    /// <summary>Its end as a crash.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Asks it to stop, as an operator or orchestrator does; its exit code.</summary>
    public async Task<int> StopAsync()
    {
        await SignalAsync("TERM");
        return await UntilExitAsync("stop after SIGTERM");
    }

    /// <summary>Sends it a signal: <c>TERM</c>, <c>STOP</c>, <c>CONT</c>. One that has ended gets none.</summary>
    public async Task SignalAsync(string signal)
    {
        if (!_process.HasExited)
        {
            using var kill = Process.Start("kill", ["-s", signal, _process.Id.ToString(CultureInfo.InvariantCulture)]);
            await kill.WaitForExitAsync();
        }
    }

    /// <summary>Waits for its end; its exit code.</summary>
    /// <param name="awaited">What a time-out says that it did not do.</param>
    public async Task<int> UntilExitAsync(string awaited)
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(StartLimit, TimeProvider.System);
            return _process.ExitCode;
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"The silo did not {awaited} within {StartLimit.TotalSeconds} s:\n{Log}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            return;
        }

        _heard?.Invoke(line);
        _lines.Enqueue(line);
        while (_lines.Count > LinesKept)
        {
            _lines.TryDequeue(out _);
        }

        var at = line.IndexOf(Listening, StringComparison.Ordinal);
        if (at >= 0)
        {
            _address.TrySetResult(new Uri(line[(at + Listening.Length)..].Trim()));
        }
    }
}
