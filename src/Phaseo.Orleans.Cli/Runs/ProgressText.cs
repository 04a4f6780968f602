using Phaseo.Orleans.Cli.Terminals;

namespace Phaseo.Orleans.Cli.Runs;

/// <summary>Progress in words, the same on a terminal and in a log.</summary>
internal static class ProgressText
{
    /// <summary>The step's name.</summary>
    public static string Name(RunStage stage) => stage switch
    {
        RunStage.Starting => "starting",
        RunStage.Uploading => "uploading",
        RunStage.Validating => "validating",
        RunStage.Running => "running",
        RunStage.Cancelling => "cancelling",
        RunStage.Finalizing => "finalizing",
        RunStage.Downloading => "downloading",
    };

    /// <summary><c>1,200/5,000 rows, 412 rows/s, ETA 9.2 s, 3 failed, $0.0120</c>; nothing for a step without figures.</summary>
    public static string Figures(RunProgress progress) => progress.Stage switch
    {
        RunStage.Uploading or RunStage.Downloading when progress.Total > 0 =>
            $"{Format.Bytes(progress.Done)} of {Format.Bytes(progress.Total)}",
        RunStage.Downloading when progress.Done > 0 => Format.Bytes(progress.Done),
        RunStage.Running or RunStage.Cancelling or RunStage.Finalizing when progress.Total > 0 =>
            string.Join(", ", RowFigures(progress)),
        _ => "",
    };

    private static IEnumerable<string> RowFigures(RunProgress progress)
    {
        yield return $"{Format.Count(progress.Done)}/{Format.Count(progress.Total)} rows";
        if (progress.Stage == RunStage.Running)
        {
            if (progress.PerSecond is { } rate and > 0)
            {
                yield return Format.Rate(rate);
            }

            yield return progress.Left is { } left ? "ETA " + Format.Duration(left) : "ETA unknown";
        }

        yield return $"{Format.Count(progress.Failed)} failed";
        if (progress.CostNanos is { } cost)
        {
            yield return Format.Cost(cost);
        }
    }
}
