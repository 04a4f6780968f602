using System.CommandLine;

namespace Phaseo.Orleans.Cli.Commands;

/// <summary>What a batch is created with, on every command that creates one.</summary>
internal sealed class BatchSymbols
{
    /// <summary>The JSONL file.</summary>
    public Argument<string> Input { get; } = new("IN.jsonl") { Description = "The requests, one JSON object a line." };

    /// <summary>The endpoint.</summary>
    public Option<string?> Endpoint { get; } = new("--endpoint")
    {
        Description = "The endpoint of all rows. Default: the first row's url, else /v1/chat/completions.",
        HelpName = "PATH",
    };

    /// <summary>The window.</summary>
    public Option<string> Window { get; } = new("--window")
    {
        Description = "How long the batch may take: <n>m, <n>h or <n>d.",
        HelpName = "TIME",
        DefaultValueFactory = _ => "24h",
    };

    /// <summary>Adds all to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(Input);
        command.Add(Endpoint);
        command.Add(Window);
    }

    /// <summary>The argument of commands about one batch.</summary>
    public static Argument<string> NewId() => new("BATCH") { Description = "The batch's id, batch_..." };
}
