using Phaseo.Orleans.Cli.Runs;

namespace Phaseo.Orleans.Cli.Terminals;

/// <summary>Shows nothing: for <c>--json</c> into a pipe.</summary>
internal sealed class NoProgress : IProgressView
{
    public void Show(RunProgress progress)
    {
    }

    public void Note(string line)
    {
    }

    public void Dispose()
    {
    }
}
