using Phaseo.Orleans.Cli.Runs;

namespace Phaseo.Orleans.Tests.Cli;

public sealed class ProgressTextTests
{
    [Fact]
    public void Running_rows_show_rate_estimate_failures_and_cost()
    {
        var progress = new RunProgress(RunStage.Running, 1_200, 5_000, 3, 412.4, TimeSpan.FromSeconds(9.2), 12_000_000);

        Assert.Equal("1,200/5,000 rows, 412 rows/s, ETA 9.2 s, 3 failed, $0.0120", ProgressText.Figures(progress));
    }

    [Fact]
    public void What_is_not_known_is_not_made_up()
    {
        var progress = new RunProgress(RunStage.Running, 0, 5_000);

        Assert.Equal("0/5,000 rows, ETA unknown, 0 failed", ProgressText.Figures(progress));
    }

    [Fact]
    public void An_upload_counts_bytes()
    {
        var progress = new RunProgress(RunStage.Uploading, 1024 * 1024, 3 * 1024 * 1024);

        Assert.Equal("1 MiB of 3 MiB", ProgressText.Figures(progress));
    }

    [Theory]
    [InlineData(RunStage.Starting)]
    [InlineData(RunStage.Validating)]
    internal void Steps_without_figures_have_none(RunStage stage) => Assert.Equal("", ProgressText.Figures(new(stage)));
}
