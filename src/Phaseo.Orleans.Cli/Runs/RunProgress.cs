namespace Phaseo.Orleans.Cli.Runs;

/// <summary>Where a run stands: what a progress view shows.</summary>
/// <param name="Stage">The step.</param>
/// <param name="Done">Bytes or rows that are done.</param>
/// <param name="Total">Bytes or rows in all; 0: not known.</param>
/// <param name="Failed">Rows that have no good answer.</param>
/// <param name="PerSecond">Rows a second, or null.</param>
/// <param name="Left">Time to the end of this step, or null.</param>
/// <param name="CostNanos">Cost so far, or null where the server does not say.</param>
internal sealed record RunProgress(
    RunStage Stage, long Done = 0, long Total = 0, long Failed = 0, double? PerSecond = null, TimeSpan? Left = null, long? CostNanos = null)
{
    /// <summary>0–1, or null.</summary>
    public double? Share => Total > 0 ? Math.Clamp((double)Done / Total, 0, 1) : null;
}

/// <summary>The steps of a run.</summary>
internal enum RunStage
{
    /// <summary>The silo of our own starts.</summary>
    Starting = 0,

    /// <summary>The input goes to the server; counted in bytes.</summary>
    Uploading = 1,

    /// <summary>The server reads every line.</summary>
    Validating = 2,

    /// <summary>Rows are called; counted in rows.</summary>
    Running = 3,

    /// <summary>The batch was asked to stop.</summary>
    Cancelling = 4,

    /// <summary>The files are put together.</summary>
    Finalizing = 5,

    /// <summary>The files come back; counted in bytes.</summary>
    Downloading = 6,
}
