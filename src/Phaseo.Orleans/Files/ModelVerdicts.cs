using System.Diagnostics.CodeAnalysis;
using System.IO.Hashing;
using System.Text.Json;

namespace Phaseo.Orleans.Files;

/// <summary>What is known of a model under a policy.</summary>
/// <param name="Model">The model as the row names it.</param>
/// <param name="Fault">Why it cannot be served, without a line; null: it can.</param>
internal sealed record ModelVerdict(string Model, LineFault? Fault);

/// <summary>
/// Asks once for each pair of model and policy, as they are spelled. Remembers 1,024 answers, and none to pairs so
/// long that no other row will have them.
/// </summary>
internal sealed class ModelVerdicts(IModelCheck check)
{
    private const int MaxPairs = 1024;
    private const int MaxPairBytes = 4096;

    private readonly Dictionary<byte[], ModelVerdict> _known = new(PairComparer.Instance);
    private readonly byte[] _pair = new byte[MaxPairBytes];

    /// <summary>The answer for a row, if it is known.</summary>
    public bool TryFind(ReadOnlySpan<byte> line, in RequestLine row, [NotNullWhen(true)] out ModelVerdict? verdict)
    {
        verdict = null;
        return LengthOf(row) <= MaxPairBytes
            && _known.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(PairOf(line, row), out verdict);
    }

    /// <summary>Gets the answer for a row that is not known.</summary>
    public async ValueTask<ModelVerdict> AskAsync(ReadOnlyMemory<byte> line, RequestLine row, CancellationToken cancellation)
    {
        var model = JsonSerializer.Deserialize<string>(row.Model.Of(line.Span))!;
        var verdict = new ModelVerdict(model, await check.CheckAsync(model, row.Provider.Of(line), cancellation));
        if (LengthOf(row) <= MaxPairBytes)
        {
            Keep(PairOf(line.Span, row).ToArray(), verdict);
        }

        return verdict;
    }

    private void Keep(byte[] pair, ModelVerdict verdict)
    {
        if (_known.Count == MaxPairs)
        {
            _known.Clear();
        }

        _known[pair] = verdict;
    }

    private static int LengthOf(in RequestLine row) => row.Model.Length + row.Provider.Length;

    // One after the other they can be told apart: the model is a string and ends at its quote.
    private ReadOnlySpan<byte> PairOf(ReadOnlySpan<byte> line, in RequestLine row)
    {
        row.Model.Of(line).CopyTo(_pair);
        row.Provider.Of(line).CopyTo(_pair.AsSpan(row.Model.Length));
        return _pair.AsSpan(0, LengthOf(row));
    }

    private sealed class PairComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly PairComparer Instance = new();

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> alternate) => (int)XxHash3.HashToUInt64(alternate);
    }
}
