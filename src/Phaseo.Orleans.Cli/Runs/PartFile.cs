using Phaseo.Orleans.Cli.Client;

namespace Phaseo.Orleans.Cli.Runs;

/// <summary>
/// A download beside its place, under another name, and renamed when it is complete: a file that is there is whole.
/// Disposing it removes what was not placed.
/// </summary>
internal sealed class PartFile : IDisposable
{
    private const int BufferSize = 128 * 1024;

    private readonly string _target;
    private readonly string _path;

    private PartFile(string target, string fileId)
    {
        _target = target;
        _path = Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.{fileId}.part");
    }

    /// <summary>Its length.</summary>
    public long Bytes { get; private set; }

    /// <summary>Whether an answer in it came from the built-in simulator.</summary>
    public bool Simulated { get; private set; }

    /// <summary>Downloads a file for <paramref name="target"/>, an absolute path.</summary>
    public static async Task<PartFile> DownloadAsync(
        PhaseoClient client, string fileId, string target, Action<long>? received, CancellationToken cancellation)
    {
        var part = new PartFile(target, fileId);
        try
        {
            await part.FillAsync(client, fileId, received, cancellation);
            return part;
        }
        catch
        {
            part.Dispose();
            throw;
        }
    }

    /// <summary>Puts it in its place, over what was there.</summary>
    public void Place() => File.Move(_path, _target, overwrite: true);

    public void Dispose() => File.Delete(_path);

    private async Task FillAsync(PhaseoClient client, string fileId, Action<long>? received, CancellationToken cancellation)
    {
        await using var file = new FileStream(_path, FileMode.Create, FileAccess.Write, FileShare.None, BufferSize, useAsync: true);
        await using var watched = new SimulatorWatch(file);
        await client.DownloadAsync(fileId, watched, received, cancellation);
        await file.FlushAsync(cancellation);
        file.Flush(flushToDisk: true);
        Bytes = file.Length;
        Simulated = watched.Found;
    }
}
