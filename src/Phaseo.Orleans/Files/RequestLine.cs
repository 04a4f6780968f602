namespace Phaseo.Orleans.Files;

/// <summary>A part of a line: where it starts, counted from the line's first byte, and how long it is.</summary>
public readonly record struct LineSlice(int Offset, int Length)
{
    /// <summary>Whether there is nothing.</summary>
    public bool IsEmpty => Length == 0;

    /// <summary>The part.</summary>
    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> line) => line.Slice(Offset, Length);

    /// <summary>The part.</summary>
    public ReadOnlyMemory<byte> Of(ReadOnlyMemory<byte> line) => line.Slice(Offset, Length);
}

/// <summary>
/// Where the parts of a request line are, found in one pass without copying. String parts are raw JSON tokens,
/// quotes included.
/// </summary>
/// <param name="CustomId">The <c>custom_id</c> token.</param>
/// <param name="Body">The <c>body</c> object.</param>
/// <param name="Model">The <c>model</c> token inside the body.</param>
/// <param name="Provider">The <c>provider</c> value inside the body; empty when there is none or it is null.</param>
/// <param name="MustStrip">Whether the body holds <c>provider</c>, <c>debug</c> or <c>session_id</c>, which no upstream sees.</param>
public readonly record struct RequestLine(LineSlice CustomId, LineSlice Body, LineSlice Model, LineSlice Provider, bool MustStrip);
