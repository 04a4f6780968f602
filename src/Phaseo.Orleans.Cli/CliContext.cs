namespace Phaseo.Orleans.Cli;

/// <summary>What a command may use of the world: streams, environment, clock and the person's wish to stop.</summary>
internal sealed record CliContext
{
    /// <summary>For results.</summary>
    public required TextWriter Out { get; init; }

    /// <summary>The same as bytes: for files.</summary>
    public required Func<Stream> OpenOut { get; init; }

    /// <summary>For progress, notes and errors.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Whether a person reads <see cref="Out"/>.</summary>
    public bool OutIsTerminal { get; init; }

    /// <summary>Whether a person reads <see cref="Error"/>.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>An environment variable, or null; an empty one counts as not set.</summary>
    public required Func<string, string?> Environment { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Cancelled by the first Ctrl-C.</summary>
    public CancellationToken Interrupted { get; init; }

    /// <summary>This process's own.</summary>
    public static CliContext OfProcess(CancellationToken interrupted) => new()
    {
        Out = Console.Out,
        OpenOut = Console.OpenStandardOutput,
        Error = Console.Error,
        OutIsTerminal = !Console.IsOutputRedirected,
        ErrorIsTerminal = !Console.IsErrorRedirected,
        Environment = name => System.Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null,
        Interrupted = interrupted,
    };
}
