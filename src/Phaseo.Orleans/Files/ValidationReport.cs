using System.Collections.Immutable;

namespace Phaseo.Orleans.Files;

/// <summary>One fault of an input file, in the contract's words.</summary>
/// <param name="Code">The contract's code, <c>invalid_json_line</c> and so on.</param>
/// <param name="Message">What is wrong and what the bound is; never content of the line.</param>
/// <param name="Param">The field's path, or null.</param>
/// <param name="Line">The 1-based line, or null for the file as a whole.</param>
[GenerateSerializer, Immutable, Alias("batch.fault")]
public sealed record LineFault(
    [property: Id(0)] string Code, [property: Id(1)] string Message, [property: Id(2)] string? Param, [property: Id(3)] int? Line);

/// <summary>What one pass over an input file found.</summary>
/// <param name="Faults">The first 100 faults by line; empty: the file is valid.</param>
/// <param name="Rows">Rows met; not all of them when there are faults, as too many end the pass.</param>
/// <param name="Model">The one model of all rows as the client named it; null if rows differ, and when there are faults.</param>
/// <param name="Shards">The file cut into shards, in order. Empty when there are faults.</param>
public sealed record ValidationReport(
    ImmutableArray<LineFault> Faults, int Rows, string? Model, ImmutableArray<ShardSlice> Shards);

/// <summary>The bounds of one validation.</summary>
public sealed record ValidationLimits
{
    /// <summary>Rows at most. Default: 50,000.</summary>
    public int MaxRows { get; init; } = 50_000;

    /// <summary>Bytes of a line at most, without its line end. Default: 10 MiB.</summary>
    public int MaxLineBytes { get; init; } = 10 * 1024 * 1024;

    /// <summary>Nesting at most. Default: 64.</summary>
    public int MaxDepth { get; init; } = 64;

    /// <summary>Faults reported at most. Default: 100.</summary>
    public int MaxFaults { get; init; } = 100;

    /// <summary>Rows of a shard at most. Default: 500.</summary>
    public int ShardRows { get; init; } = 500;

    /// <summary>Bytes of a shard at most, unless one row alone is longer. Default: 4 MiB.</summary>
    public int ShardBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>
    /// These bounds with shards for a file of this size: twice as large where there would be more than 200 of them,
    /// so that a million rows are 1,000 shards.
    /// </summary>
    /// <param name="bytes">The file's length.</param>
    /// <param name="lines">Its lines, blank ones too.</param>
    public ValidationLimits ForFile(long bytes, long lines)
    {
        var isHuge = lines / ShardRows >= 200 || bytes / ShardBytes >= 200;
        return isHuge ? this with { ShardRows = ShardRows * 2, ShardBytes = ShardBytes * 2 } : this;
    }
}

/// <summary>Says whether a row's model can be served under its policy. Asked once per distinct pair.</summary>
public interface IModelCheck
{
    /// <summary>Null: it can. Else the fault without its line.</summary>
    /// <param name="model">The model as the row names it.</param>
    /// <param name="providerJson">The row's <c>body.provider</c>, raw; empty when it has none.</param>
    /// <param name="cancellation">Ends the wait.</param>
    ValueTask<LineFault?> CheckAsync(string model, ReadOnlyMemory<byte> providerJson, CancellationToken cancellation);
}
