using Spectre.Console;

namespace Phaseo.Orleans.Cli.Terminals;

/// <summary>A stream that a person reads.</summary>
internal static class Terminal
{
    /// <summary>Draws on <paramref name="writer"/>; colours unless <c>NO_COLOR</c> is set (source: no-color.org).</summary>
    public static IAnsiConsole Open(TextWriter writer) => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new AnsiConsoleOutput(writer),
        Interactive = InteractionSupport.Yes,
    });
}
