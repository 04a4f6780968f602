using Phaseo.Orleans.Chaos.Plans;

namespace Phaseo.Orleans.Chaos.Judging;

/// <summary>How one seed ended.</summary>
/// <param name="Plan">What was planned.</param>
/// <param name="Coverage">What happened.</param>
/// <param name="Violations">Promises that were broken; none: all were kept.</param>
/// <param name="Rows">Input rows of its batches.</param>
/// <param name="Calls">Calls that reached the upstream.</param>
/// <param name="Took">How long it took.</param>
internal sealed record ChaosResult(
    ChaosPlan Plan, Coverage Coverage, IReadOnlyList<string> Violations, int Rows, int Calls, TimeSpan Took);
