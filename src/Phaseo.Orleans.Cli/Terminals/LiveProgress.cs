using System.Globalization;
using Phaseo.Orleans.Cli.Runs;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Phaseo.Orleans.Cli.Terminals;

/// <summary>Progress for a person: one line with a bar that is redrawn in place.</summary>
internal sealed class LiveProgress : IProgressView
{
    // A bar that is full counts as finished and never moves again; the next step starts it anew.
    private const double AlmostDone = 0.9999;

    private readonly IAnsiConsole _console;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _display;
    private volatile ProgressTask? _bar;
    private volatile RunProgress _last = new(RunStage.Starting);

    /// <summary>Starts to draw on <paramref name="console"/>.</summary>
    public LiveProgress(IAnsiConsole console)
    {
        _console = console;
        _display = console.Progress()
            .AutoClear(true)
            .ExcludeVerticalPadding()
            .Columns(
                new SpinnerColumn(Spinner.Known.Dots),
                new TaskDescriptionColumn(),
                new ProgressBarColumn { Width = 24 },
                new ShareColumn(this),
                new FiguresColumn(this))
            .StartAsync(async context =>
            {
                _bar = context.AddTask(ProgressText.Name(RunStage.Starting), maxValue: 1);
                _bar.IsIndeterminate = true;
                await _ended.Task;
            });
    }

    public void Show(RunProgress progress)
    {
        _last = progress;
        if (_bar is not { } bar)
        {
            return;
        }

        bar.Description = ProgressText.Name(progress.Stage);
        bar.IsIndeterminate = progress.Share is null;
        bar.Value = Math.Min(progress.Share ?? 0, AlmostDone);
    }

    public void Note(string line) => _console.WriteLine(line);

    public void Dispose()
    {
        // The display clears itself; a failure to draw must not hide how the run ended.
        _ended.TrySetResult();
        _display.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).Wait();
    }

    private sealed class FiguresColumn(LiveProgress owner) : ProgressColumn
    {
        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(ProgressText.Figures(owner._last));
    }

    // The library's own column would show 99% of a bar that must not be full.
    private sealed class ShareColumn(LiveProgress owner) : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(owner._last.Share is { } share ? string.Create(CultureInfo.InvariantCulture, $"{(int)(share * 100),3}%") : "    ");
    }
}
