using System.CommandLine;
using Phaseo.Orleans.LoadTests.Processes;

namespace Phaseo.Orleans.LoadTests.Engine;

/// <summary>The arguments of every command that runs the engine.</summary>
internal sealed class EngineArguments
{
    private readonly Option<string> _endpoint = new("--endpoint") { Required = true, Description = "Where the upstream is." };
    private readonly Option<string?> _warmUpEndpoint = new("--warm-up-endpoint") { Description = "Where the rows before go. Default: where all go." };
    private readonly Option<int> _concurrency = new("--concurrency") { DefaultValueFactory = _ => 256, Description = "Calls at once." };
    private readonly Option<int> _warmUp = new("--warm-up") { Description = "Rows to run before measuring." };
    private readonly Option<bool> _leash = new("--leash") { Description = "End when standard input does." };

    /// <summary>Gives them to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _endpoint, _warmUpEndpoint, _concurrency, _warmUp, _leash })
        {
            command.Add(option);
        }
    }

    /// <summary>What holds the process.</summary>
    public Leash Hold(ParseResult parsed, CancellationToken cancellation) => new(parsed.GetValue(_leash), cancellation);

    /// <summary>How many rows come before.</summary>
    public int WarmUpRows(ParseResult parsed) => parsed.GetValue(_warmUp);

    /// <summary>The engine that is asked for, in this folder.</summary>
    public EngineOptions Read(ParseResult parsed, string folder) => new()
    {
        Folder = folder,
        Upstream = Root(parsed.GetValue(_endpoint)!),
        WarmUp = parsed.GetValue(_warmUpEndpoint) is { } warmUp ? Root(warmUp) : null,
        Concurrency = parsed.GetValue(_concurrency),
    };

    private static Uri Root(string url) => new(new Uri(url), "/");
}
