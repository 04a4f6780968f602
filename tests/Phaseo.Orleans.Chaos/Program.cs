using System.CommandLine;
using Phaseo.Orleans.Chaos;

// After Ctrl-C or SIGTERM: silos are stopped and folders removed, which takes longer than the usual 2 seconds.
return await ChaosCommand.Create().Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
