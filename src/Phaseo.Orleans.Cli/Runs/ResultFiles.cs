using Phaseo.Orleans.Cli.Client;

namespace Phaseo.Orleans.Cli.Runs;

/// <summary>Brings a batch's files to their places, none before all are complete.</summary>
internal sealed class ResultFiles(PhaseoClient client)
{
    /// <summary>Downloads what the batch has. A file that it does not have is removed: it would be an earlier run's.</summary>
    public async Task<SavedResults> SaveAsync(
        BatchInfo batch, string output, string errors, Action<long>? received, CancellationToken cancellation)
    {
        using var answered = await DownloadAsync(batch.OutputFileId, output, received, cancellation);
        var before = answered?.Bytes ?? 0;
        using var failed = await DownloadAsync(batch.ErrorFileId, errors, bytes => received?.Invoke(before + bytes), cancellation);
        Place(answered, output);
        Place(failed, errors);
        return new(answered is null ? null : output, failed is null ? null : errors, answered?.Simulated ?? false);
    }

    private async Task<PartFile?> DownloadAsync(string? fileId, string path, Action<long>? received, CancellationToken cancellation) =>
        fileId is null ? null : await PartFile.DownloadAsync(client, fileId, path, received, cancellation);

    private static void Place(PartFile? part, string path)
    {
        if (part is null)
        {
            File.Delete(path);
        }
        else
        {
            part.Place();
        }
    }
}

/// <summary>What was saved.</summary>
/// <param name="Output">The output file; null: there is none.</param>
/// <param name="Errors">The error file; null: there is none.</param>
/// <param name="Simulated">Whether an answer came from the built-in simulator.</param>
internal sealed record SavedResults(string? Output, string? Errors, bool Simulated);
