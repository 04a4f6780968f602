using System.Text.Json;
using System.Text.Json.Serialization;

namespace Phaseo.Orleans.Cli.Runs;

/// <summary>
/// What is kept of an unfinished run, so that <c>--resume</c> finds its batch, also after a <c>kill -9</c>. Written
/// before anything is sent: the idempotency key in it makes a repeated create give the same batch again.
/// </summary>
internal sealed record RunRecord
{
    /// <summary>The input's absolute path.</summary>
    public required string Input { get; init; }

    /// <summary>The input's length.</summary>
    public required long Bytes { get; init; }

    /// <summary>The input's hash.</summary>
    public required string Sha256 { get; init; }

    /// <summary>The endpoint that was or will be asked for.</summary>
    public required string Endpoint { get; init; }

    /// <summary>The window that was or will be asked for.</summary>
    public required string Window { get; init; }

    /// <summary>Makes a repeated create recognisable.</summary>
    public required string IdempotencyKey { get; init; }

    /// <summary>The uploaded file; null before the upload has ended.</summary>
    public string? FileId { get; init; }

    /// <summary>The batch; null before its creation was answered.</summary>
    public string? BatchId { get; init; }

    /// <summary>Whether the file is still the one that the record is about.</summary>
    public bool IsFor(InputFile file) => file.Bytes == Bytes && file.Sha256 == Sha256;
}

/// <summary>Reads and writes a run's record: one small file, replaced whole.</summary>
internal sealed class RunRecordFile(string path)
{
    /// <summary>The record; null when there is none, or none that can be read.</summary>
    public RunRecord? Read()
    {
        try
        {
            using var file = File.OpenRead(path);
            return JsonSerializer.Deserialize(file, RunJson.Default.RunRecord);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes the record durably.</summary>
    public void Write(RunRecord record)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = path + ".new";
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(file, record, RunJson.Default.RunRecord);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Removes it; none there is no error.</summary>
    public void Remove()
    {
        if (File.Exists(path))
        {
            File.Delete(path);
        }
    }
}

/// <summary>The record's form.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(RunRecord))]
internal sealed partial class RunJson : JsonSerializerContext;
