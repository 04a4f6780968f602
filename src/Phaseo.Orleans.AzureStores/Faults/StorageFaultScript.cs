using System.Globalization;

namespace Phaseo.Orleans.AzureStores.Faults;

/// <summary>What can go wrong with a request to the service.</summary>
internal enum StorageFault
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>429, 500 or 503, and the request is not carried out.</summary>
    Refused = 1,

    /// <summary>The answer takes long.</summary>
    Slow = 2,

    /// <summary>The request is carried out, and the connection breaks before the answer.</summary>
    Lost = 3,

    /// <summary>The client's time-out passes, and some time after it the request is carried out. Writes only.</summary>
    Late = 4,

    /// <summary>The request is carried out twice, and the second answer is given. Writes only.</summary>
    Repeated = 5,

    /// <summary>412, and the request is not carried out. Conditional writes only.</summary>
    Conflict = 6,
}

/// <summary>
/// Which requests go wrong, and how. The choice depends on the seed and on how many requests came before, so one client
/// that asks in the same order meets the same faults.
/// </summary>
internal sealed record StorageFaultScript
{
    private static readonly StorageFault[] Kinds = [.. Enum.GetValues<StorageFault>().Where(kind => kind != StorageFault.None)];

    /// <summary>All goes well.</summary>
    public static readonly StorageFaultScript Quiet = new();

    /// <summary>What the choice depends on besides the order. Default: 0.</summary>
    public ulong Seed { get; init; }

    /// <summary>The share of calls that meet each fault, 0–1; together 1 at most. Default: none.</summary>
    public IReadOnlyDictionary<StorageFault, double> Shares { get; init; } = new Dictionary<StorageFault, double>();

    /// <summary>The share of faults that last over the client's own retries, so that the call fails, 0–1. Default: 0.</summary>
    public double Lasting { get; init; }

    /// <summary>The longest that a slow answer takes and that a late request comes after its time-out. Default: 5 seconds.</summary>
    public TimeSpan Longest { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>What happens to the call with this number.</summary>
    public (StorageFault Kind, bool IsLasting, TimeSpan Delay) Pick(long number)
    {
        // Random with a seed of its own for each call: no state, so any order of threads gives the same choices.
        var random = new Random(HashCode.Combine(unchecked((int)Seed), (int)(Seed >> 32), number) & int.MaxValue);
        var share = random.NextDouble();
        foreach (var kind in Kinds)
        {
            if ((share -= Shares.GetValueOrDefault(kind)) < 0)
            {
                return (kind, random.NextDouble() < Lasting, Longest * random.NextDouble());
            }
        }

        return (StorageFault.None, false, TimeSpan.Zero);
    }

    /// <summary>The form of the file: <c>seed=7 refused=0.2 lost=0.1 lasting=0.5 longest=5</c>, seconds.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"seed={Seed} {string.Concat(Shares.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{Word(pair.Key)}={pair.Value} ")))}lasting={Lasting} longest={Longest.TotalSeconds}");

    /// <summary>Reads what <see cref="ToString"/> wrote; empty text is <see cref="Quiet"/>.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static StorageFaultScript Parse(string text)
    {
        var values = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(word => word.Split('='))
            .ToDictionary(pair => pair[0], pair => pair.Length == 2 ? pair[1] : throw new FormatException($"'{pair[0]}' has no value."));
        return new()
        {
            Seed = values.TryGetValue("seed", out var seed) ? ulong.Parse(seed, CultureInfo.InvariantCulture) : 0,
            Shares = Kinds.Where(kind => values.ContainsKey(Word(kind))).ToDictionary(kind => kind, kind => Number(Word(kind), 0)),
            Lasting = Number("lasting", 0),
            Longest = TimeSpan.FromSeconds(Number("longest", 5)),
        };

        double Number(string name, double otherwise) =>
            values.TryGetValue(name, out var value) ? double.Parse(value, CultureInfo.InvariantCulture) : otherwise;
    }

    /// <summary>A fault's name in the file.</summary>
    public static string Word(StorageFault kind) => kind.ToString().ToLowerInvariant();
}
