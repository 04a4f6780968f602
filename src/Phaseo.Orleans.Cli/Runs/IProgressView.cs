namespace Phaseo.Orleans.Cli.Runs;

/// <summary>Shows where a run stands. Disposing it ends the display.</summary>
internal interface IProgressView : IDisposable
{
    /// <summary>Shows the newest state; cheap enough to be called for every buffer.</summary>
    void Show(RunProgress progress);

    /// <summary>Prints a line that stays.</summary>
    void Note(string line);
}
