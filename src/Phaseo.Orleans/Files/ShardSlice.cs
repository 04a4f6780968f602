namespace Phaseo.Orleans.Files;

/// <summary>
/// The rows that one shard owns, as a byte range of the input file. Rows are counted from 0 over the batch, lines
/// from 1 over the file (blank lines count).
/// </summary>
/// <param name="Offset">First byte.</param>
/// <param name="Length">Bytes, up to and with the last row's line feed if it has one.</param>
/// <param name="FirstRow">The first row's number.</param>
/// <param name="Rows">How many rows.</param>
/// <param name="FirstLine">The line number of the slice's first byte.</param>
[GenerateSerializer, Immutable, Alias("shard.slice")]
public readonly record struct ShardSlice(
    [property: Id(0)] long Offset,
    [property: Id(1)] int Length,
    [property: Id(2)] int FirstRow,
    [property: Id(3)] int Rows,
    [property: Id(4)] int FirstLine);
