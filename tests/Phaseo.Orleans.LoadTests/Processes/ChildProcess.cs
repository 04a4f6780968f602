using System.Diagnostics;

namespace Phaseo.Orleans.LoadTests.Processes;

/// <summary>
/// This program once more, in a process of its own and on a <see cref="Leash"/>. Its errors go to our standard error.
/// </summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(15);

    private readonly Process _process;
    private readonly string _command;

    private ChildProcess(Process process, string command)
    {
        _process = process;
        _command = command;
    }

    /// <summary>Starts one of this program's commands.</summary>
    public static ChildProcess Start(params string[] arguments) =>
        Start(Environment.ProcessPath!, [.. SelfArguments(), .. arguments, "--leash"], arguments[0]);

    /// <summary>Starts another program that ends by itself or when it is killed.</summary>
    public static ChildProcess Start(
        string program, IReadOnlyList<string> arguments, string name, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var (variable, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[variable] = value;
        }

        var process = Process.Start(start) ?? throw new InvalidOperationException($"The process {name} did not start.");
        return new ChildProcess(process, name);
    }

    /// <summary>The operating system's number for it.</summary>
    public int Id => _process.Id;

    /// <summary>The next line of its standard output.</summary>
    /// <exception cref="InvalidOperationException">It ended without another line.</exception>
    public async Task<string> ReadLineAsync(CancellationToken cancellation)
    {
        if (await _process.StandardOutput.ReadLineAsync(cancellation) is { } line)
        {
            return line;
        }

        await _process.WaitForExitAsync(cancellation);
        throw new InvalidOperationException($"{_command} ended with {_process.ExitCode} and without a result.");
    }

    /// <summary>Waits until it has ended by itself.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public async Task WaitAsync(CancellationToken cancellation)
    {
        await _process.StandardOutput.ReadToEndAsync(cancellation);
        await _process.WaitForExitAsync(cancellation);
        if (_process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{_command} ended with {_process.ExitCode}.");
        }
    }

    /// <summary>Ends it as a crash would.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    /// <summary>Lets go of the leash, and kills what does not stop.</summary>
    public async ValueTask DisposeAsync()
    {
        using (_process)
        {
            try
            {
                _process.StandardInput.Close();
            }
            catch (IOException)
            {
                // It is dead already.
            }

            using var limit = new CancellationTokenSource(StopLimit);
            try
            {
                await _process.StandardOutput.ReadToEndAsync(limit.Token);
                await _process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                await KillAsync();
            }
        }
    }

    // Started as `dotnet Phaseo.Orleans.LoadTests.dll`, the process is dotnet and wants our assembly first.
    private static string[] SelfArguments() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(ChildProcess).Assembly.Location] : [];
}
