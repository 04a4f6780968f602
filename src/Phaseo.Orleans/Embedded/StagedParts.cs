using System.Collections.Concurrent;

namespace Phaseo.Orleans.Embedded;

/// <summary>The parts of all blobs that are not committed yet.</summary>
internal sealed class StagedParts
{
    private readonly ConcurrentDictionary<string, PartsFile> _files = new(StringComparer.Ordinal);

    /// <summary>The parts of a blob by id, with their lengths.</summary>
    public IReadOnlyDictionary<string, long> List(string blob) =>
        Use(blob, file => file.Read().ToDictionary(part => part.Key, part => part.Value.Length, StringComparer.Ordinal));

    /// <summary>Runs an act as the only user of a blob's parts. Parts that are gone after it leave no object behind.</summary>
    public T Use<T>(string blob, Func<PartsFile, T> act)
    {
        while (true)
        {
            var file = _files.GetOrAdd(blob, static path => new PartsFile(path));
            lock (file.Gate)
            {
                if (file.IsGone)
                {
                    continue;
                }

                try
                {
                    return act(file);
                }
                finally
                {
                    if (file.Read().Count == 0)
                    {
                        file.IsGone = true;
                        _files.TryRemove(new(blob, file));
                    }
                }
            }
        }
    }
}
