using System.CommandLine;
using Phaseo.Orleans.Chaos;
using Phaseo.Orleans.Chaos.Fast;

var root = ChaosCommand.Create();
root.Add(ReportCommand.Create());
root.Add(FastCommand.Create());
root.Add(MutantsCommand.Create());

// After Ctrl-C or SIGTERM: silos are stopped and folders removed, which takes longer than the usual 2 seconds.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
