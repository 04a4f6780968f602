using System.CommandLine;
using Phaseo.Orleans.LoadTests.Bench;
using Phaseo.Orleans.LoadTests.Engine;
using Phaseo.Orleans.LoadTests.Load;
using Phaseo.Orleans.LoadTests.Loops;
using Phaseo.Orleans.LoadTests.Processes;

var root = new RootCommand("Load on the engine, and the benchmark against the naive and the tight loop.")
{
    LoadCommand.Create(),
    BenchCommand.Create(),
    UpstreamCommand.Create(),
    LoopCommand.Create("naive", "What a user would write, measured.", NaiveLoop.RunAsync),
    LoopCommand.Create("tight", "The same work on bytes, measured.", TightLoop.RunAsync),
    EngineCommand.Create(),
    SizesCommand.Create(),
    ValidateCommand.Create(),
    BatchesCommand.Create(),
    RereadCommand.Create(),
    GetCommand.Create(),
};

// After Ctrl-C or SIGTERM: children and silos are stopped and folders removed, which takes longer than the usual 2 seconds.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
