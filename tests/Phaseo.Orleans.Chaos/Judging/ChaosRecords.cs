using System.Text.Json;

namespace Phaseo.Orleans.Chaos.Judging;

/// <summary>Records of runs in files, one JSON object a line.</summary>
internal static class ChaosRecords
{
    /// <summary>Adds one.</summary>
    public static Task AppendAsync(string path, ChaosRecord record, CancellationToken cancellation) =>
        File.AppendAllLinesAsync(path, [JsonSerializer.Serialize(record)], cancellation);

    /// <summary>Reads all of a file.</summary>
    /// <exception cref="InvalidDataException">A line is no record.</exception>
    public static async Task<IReadOnlyList<ChaosRecord>> ReadAsync(string path, CancellationToken cancellation)
    {
        List<ChaosRecord> records = [];
        await foreach (var line in File.ReadLinesAsync(path, cancellation))
        {
            records.Add(JsonSerializer.Deserialize<ChaosRecord>(line) ?? throw new InvalidDataException($"A line of {path} is no record."));
        }

        return records;
    }
}
