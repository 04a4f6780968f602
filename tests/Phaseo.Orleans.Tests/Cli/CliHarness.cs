using System.Text;
using Phaseo.Orleans.Cli;
using Phaseo.Orleans.Cli.Commands;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Cli;

/// <summary>Runs the command line inside the test, in a folder and an environment of its own.</summary>
internal sealed class CliHarness : IDisposable
{
    private readonly string _root;
    private readonly TempFolder? _folder;
    private readonly CancellationTokenSource _interrupt = new();

    public CliHarness()
    {
        _folder = new();
        _root = _folder.Path;
    }

    private CliHarness(CliHarness before) => (_root, Environment) = (before._root, before.Environment);

    public Dictionary<string, string> Environment { get; } = [];

    public ImpatientTime Time { get; } = new();

    /// <summary>Where unfinished runs are kept.</summary>
    public string RunsFolder => At("state", "phaseo", "runs");

    /// <summary>A path in the test's folder.</summary>
    public string At(params string[] parts) => Path.Combine([_root, .. parts]);

    /// <summary>Makes a file there.</summary>
    public string Write(string name, string content)
    {
        File.WriteAllText(At(name), content);
        return At(name);
    }

    /// <summary>A process that comes after this one was stopped, in the same folder.</summary>
    public CliHarness NextProcess() => new(this);

    /// <summary>What Ctrl-C does.</summary>
    public void Interrupt() => _interrupt.Cancel();

    /// <summary>Runs one command to its end.</summary>
    public Task<CliResult> RunAsync(params string[] args) => RunAsync(null, args);

    /// <summary>Runs one command to its end; <paramref name="ready"/> gets what it has printed when it first flushes.</summary>
    public async Task<CliResult> RunAsync(TaskCompletionSource<string>? ready, params string[] args)
    {
        using var standard = new MemoryStream();
        using var output = new WatchedWriter(ready) { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_interrupt.Token, TestContext.Current.CancellationToken);
        var context = new CliContext
        {
            Out = output,
            OpenOut = () => new MemoryStreamView(standard),
            Error = error,
            Environment = name => name == "XDG_STATE_HOME" ? At("state") : Environment.GetValueOrDefault(name),
            Time = Time,
            Interrupted = stop.Token,
        };
        var code = await PhaseoCommand.RunAsync(args, context);
        return new(code, output + Encoding.UTF8.GetString(standard.ToArray()), error.ToString());
    }

    public void Dispose()
    {
        _folder?.Dispose();
        _interrupt.Dispose();
    }

    private sealed class WatchedWriter(TaskCompletionSource<string>? flushed) : StringWriter
    {
        public override void Flush() => flushed?.TrySetResult(ToString());
    }

    // Commands close what they open; the test still reads it.
    private sealed class MemoryStreamView(MemoryStream inner) : MemoryStream
    {
        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                WriteTo(inner);
            }

            base.Dispose(disposing);
        }
    }
}

/// <summary>What a command printed and how it ended.</summary>
internal sealed record CliResult(int Code, string Out, string Error);
