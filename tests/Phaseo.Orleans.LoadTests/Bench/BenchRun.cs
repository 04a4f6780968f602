using System.Globalization;
using Phaseo.Orleans.LoadTests.Processes;
using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.LoadTests.Bench;

/// <summary>What the scenarios of one run share: options, a folder that is emptied at the end, input files.</summary>
internal sealed class BenchRun : IDisposable
{
    private const string ChatPath = "/v1/chat/completions";

    private readonly DirectoryInfo _folder;
    private int _names;

    /// <summary>A run that works below <paramref name="parent"/>.</summary>
    public BenchRun(BenchOptions options, string parent)
    {
        Options = options;
        _folder = Directory.CreateDirectory(Path.Combine(parent, Guid.NewGuid().ToString("N")));
    }

    /// <summary>How much to measure.</summary>
    public BenchOptions Options { get; }

    /// <summary>The folder.</summary>
    public string Folder => _folder.FullName;

    /// <summary>Tells whoever waits where the run is; never part of the report.</summary>
    public static void Note(string what) => Console.Error.WriteLine(what);

    /// <summary>A path that nothing has yet.</summary>
    public string NewPath(string name) =>
        Path.Combine(Folder, string.Create(CultureInfo.InvariantCulture, $"{Interlocked.Increment(ref _names)}-{name}"));

    /// <summary>A file of so many rows of about 300 bytes; made once.</summary>
    public async Task<string> InputAsync(int rows, CancellationToken cancellation)
    {
        var path = Path.Combine(Folder, string.Create(CultureInfo.InvariantCulture, $"input-{rows}.jsonl"));
        if (!File.Exists(path))
        {
            await new RequestRows().WriteAsync(path, rows, cancellation);
        }

        return path;
    }

    /// <summary>What every command that runs the engine is told.</summary>
    /// <param name="upstream">Where it sends rows.</param>
    /// <param name="warmUpRows">Rows that come before; null: as many as the options say.</param>
    public string[] EngineArguments(UpstreamAddresses upstream, int? warmUpRows = null) =>
    [
        "--endpoint", new Uri(upstream.Main, ChatPath).AbsoluteUri,
        "--warm-up-endpoint", new Uri(upstream.WarmUp, ChatPath).AbsoluteUri,
        "--concurrency", Options.Concurrency.ToArgument(),
        "--warm-up", (warmUpRows ?? Options.WarmUpRows).ToArgument(),
    ];

    /// <summary>Runs one of this program's commands to its end; what it measured.</summary>
    public static async Task<RunResult> MeasureAsync(IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        await using var child = ChildProcess.Start([.. arguments]);
        var result = await RunResult.ReadAsync(child, cancellation);
        await child.WaitAsync(cancellation);
        return result;
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Delete(recursive: true);
}
