using Microsoft.Extensions.Time.Testing;
using Phaseo.Orleans.Cli.Runs;
using Phaseo.Orleans.Cli.Terminals;

namespace Phaseo.Orleans.Tests.Cli;

public sealed class PlainProgressTests
{
    [Fact]
    public void A_line_comes_with_every_step_and_every_few_seconds()
    {
        var time = new FakeTimeProvider();
        using var writer = new StringWriter { NewLine = "\n" };
        using var view = new PlainProgress(writer, time);

        view.Show(new(RunStage.Validating));
        view.Show(new(RunStage.Running, 0, 10));
        view.Show(new(RunStage.Running, 1, 10));
        time.Advance(PlainProgress.Interval);
        view.Show(new(RunStage.Running, 2, 10));
        view.Show(new(RunStage.Running, 3, 10));

        Assert.Equal(
            """
            validating
            running: 0/10 rows, ETA unknown, 0 failed
            running: 2/10 rows, ETA unknown, 0 failed

            """.ReplaceLineEndings("\n"),
            writer.ToString());
    }
}
