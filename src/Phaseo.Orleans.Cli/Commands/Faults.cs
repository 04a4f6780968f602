using System.Globalization;
using Phaseo.Orleans.Cli.Client;
using Phaseo.Orleans.Cli.Terminals;

namespace Phaseo.Orleans.Cli.Commands;

/// <summary>Prints why a batch failed, a row a fault.</summary>
internal static class Faults
{
    /// <summary>Prints the batch's faults; none, nothing.</summary>
    public static void Write(CliContext context, BatchInfo batch)
    {
        if (batch.Errors?.Data is not { Count: > 0 } faults)
        {
            return;
        }

        TextTable.Write(
            context.Error,
            context.ErrorIsTerminal,
            ["line", "code", "message"],
            [.. faults.Select(fault => new[] { fault.Line?.ToString(CultureInfo.InvariantCulture) ?? "-", fault.Code, fault.Message })]);
    }
}
