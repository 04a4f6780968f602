using Phaseo.Orleans.Cli.Runs;

namespace Phaseo.Orleans.Cli.Terminals;

/// <summary>Progress for logs and pipes: a line when the step changes, and one now and then while rows run.</summary>
internal sealed class PlainProgress(TextWriter writer, TimeProvider time) : IProgressView
{
    /// <summary>The least time between two lines of one step.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private RunStage? _stage;
    private long _lastLine;

    public void Show(RunProgress progress)
    {
        lock (_lock)
        {
            if (_stage == progress.Stage && time.GetElapsedTime(_lastLine) < Interval)
            {
                return;
            }

            _stage = progress.Stage;
            _lastLine = time.GetTimestamp();
            var figures = ProgressText.Figures(progress);
            var name = ProgressText.Name(progress.Stage);
            writer.WriteLine(figures.Length == 0 ? name : $"{name}: {figures}");
        }
    }

    public void Note(string line)
    {
        lock (_lock)
        {
            writer.WriteLine(line);
        }
    }

    public void Dispose() => writer.Flush();
}
