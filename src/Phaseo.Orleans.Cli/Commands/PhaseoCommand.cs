using System.CommandLine;
using System.CommandLine.Invocation;

namespace Phaseo.Orleans.Cli.Commands;

/// <summary>The whole command line: parses, runs, and turns every failure into one line and an exit code.</summary>
internal static class PhaseoCommand
{
    /// <summary>Runs one command.</summary>
    public static async Task<int> RunAsync(string[] args, CliContext context)
    {
        var common = new CommonOptions(context);
        var parsed = Create(common, context).Parse(args);
        if (parsed.Action is ParseErrorAction misuse)
        {
            // Without a command the help is the answer; after a slip it would bury the line that names it.
            misuse.ShowHelp = parsed.CommandResult.Command is RootCommand;
        }

        var invocation = new InvocationConfiguration
        {
            Output = context.Out,
            Error = context.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null, // Interruption listens to signals
        };
        try
        {
            return await parsed.InvokeAsync(invocation, context.Interrupted);
        }
        catch (OperationCanceledException) when (context.Interrupted.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
        catch (Exception e) when (!parsed.GetValue(common.Verbose) || e is CliException)
        {
            ErrorLine.Write(context.Error, e, parsed.GetValue(common.Json));
            return ExitCodes.Failed;
        }
        catch (Exception e)
        {
            context.Error.WriteLine(e);
            return ExitCodes.Failed;
        }
    }

    /// <summary>Reads a command line without running it.</summary>
    public static ParseResult Parse(string[] args, CliContext context) => Create(new CommonOptions(context), context).Parse(args);

    private static RootCommand Create(CommonOptions common, CliContext context) => new(
        "Runs files of LLM requests as batches: OpenAI's Batch API on your own machine or a server.")
    {
        common.Json,
        common.Verbose,
        new RunCommand(common, context),
        new ServeCommand(common, context),
        new SubmitCommand(common, context),
        new GetCommand(common, context),
        new ListCommand(common, context),
        new CancelCommand(common, context),
        new ResultsCommand(common, context),
        new DoctorCommand(common, context),
        new HealthCommand(common, context),
    };
}
