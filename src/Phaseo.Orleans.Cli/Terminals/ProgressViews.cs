using Phaseo.Orleans.Cli.Runs;

namespace Phaseo.Orleans.Cli.Terminals;

/// <summary>Chooses how progress is shown. It always goes to standard error: standard output is for results.</summary>
internal static class ProgressViews
{
    /// <summary>A bar for a person; plain lines for a log; nothing for a program that asked for JSON.</summary>
    public static IProgressView Choose(CliContext context, bool json) => context.ErrorIsTerminal && context.Environment("TERM") != "dumb"
        ? new LiveProgress(Terminal.Open(context.Error))
        : json ? new NoProgress() : new PlainProgress(context.Error, context.Time);
}
