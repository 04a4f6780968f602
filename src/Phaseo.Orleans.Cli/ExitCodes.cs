using Phaseo.Orleans.Cli.Client;

namespace Phaseo.Orleans.Cli;

/// <summary>What the shell is told.</summary>
internal static class ExitCodes
{
    /// <summary>All rows were answered 2xx, or the command did what it says.</summary>
    public const int Ok = 0;

    /// <summary>The batch failed, or the command could not run.</summary>
    public const int Failed = 1;

    /// <summary>The batch ran and some rows have no good answer.</summary>
    public const int SomeRowsFailed = 2;

    /// <summary>Stopped by Ctrl-C: 128 + SIGINT, as shells count.</summary>
    public const int Interrupted = 130;

    /// <summary>The code of a run that ended with this batch.</summary>
    public static int Of(BatchInfo batch) => batch.RequestCounts switch
    {
        _ when batch.Status == "failed" => Failed,
        { Total: 0 } => Failed, // cancelled or expired before a row was counted
        { Completed: var completed, Total: var total } => completed == total ? Ok : SomeRowsFailed,
    };
}
