namespace Phaseo.Orleans.LoadTests.Bench;

/// <summary>One kind of work that has a bar.</summary>
internal interface IScenario
{
    /// <summary>What <c>--only</c> calls it.</summary>
    string Name { get; }

    /// <summary>What it measures: part of a sentence, for the help.</summary>
    string What { get; }

    /// <summary>Measures and reports.</summary>
    Task RunAsync(BenchRun run, BenchReport report, CancellationToken cancellation);
}
