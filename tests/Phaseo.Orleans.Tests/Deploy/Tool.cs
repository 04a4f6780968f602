using System.Diagnostics;
using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.Tests.Deploy;

/// <summary>A program that checks a part of deploy/. Where it cannot be had, the test is skipped and says so.</summary>
/// <param name="path">The program.</param>
internal sealed class Tool(string path)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Variables of the program besides those of the test.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>Where deploy/tools has put it, or where the machine has it.</summary>
    public static Tool Find(string name, string whence = "deploy/tools fetches it where Debian's packages are to be had")
    {
        var folders = (System.Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        var path = folders.Prepend(SourceTree.PathOf("artifacts", "tools")).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        Assert.SkipWhen(path is null, $"{name} is not on this machine; {whence}.");
        return new(path!);
    }

    /// <summary>Runs it to its end, which must be a good one; what it printed.</summary>
    public async Task<string> RunAsync(params string[] arguments)
    {
        var (code, output, error) = await TryAsync(arguments);
        Assert.True(code == 0, $"{Path.GetFileName(path)} {string.Join(' ', arguments)} ended with {code}:\n{error}\n{output}");
        return output;
    }

    /// <summary>Runs it to its end.</summary>
    public async Task<(int Code, string Output, string Error)> TryAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = SourceTree.PathOf() };
        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        try
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Limit, TimeProvider.System);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }

        return (process.ExitCode, await output, await error);
    }
}
