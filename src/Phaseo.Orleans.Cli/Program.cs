using Phaseo.Orleans.Cli;
using Phaseo.Orleans.Cli.Commands;

using var interruption = new Interruption();
return await PhaseoCommand.RunAsync(args, CliContext.OfProcess(interruption.Token));
