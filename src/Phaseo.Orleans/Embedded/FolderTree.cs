using System.Collections.Concurrent;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Embedded;

/// <summary>
/// Files under one root, named like <c>workspace/batch/output</c>. Folders come and go with their files. A change of
/// names is durable when the call returns. A stored name never holds <c>~</c>, so a file's companions may.
/// </summary>
internal sealed class FolderTree
{
    // Only a cache: what falls out is synced once more.
    private const int MaxKnown = 4096;

    private const int MaxAttempts = 10;

    private readonly ConcurrentDictionary<string, bool> _durable = new(StringComparer.Ordinal);
    private readonly Lock _folders = new();

    /// <summary>Makes the root if it is not there.</summary>
    public FolderTree(string root)
    {
        Root = root;
        Directory.CreateDirectory(root);
    }

    /// <summary>The root, absolute.</summary>
    public string Root { get; }

    /// <summary>Where the file of that name is.</summary>
    /// <exception cref="ArgumentException">The name is not made by us: a bug, or an attack.</exception>
    public string PathOf(string name) => Path.Combine(Root, BlobNames.Checked(name));

    /// <summary>Moves a finished file to its place. The caller knows that nothing is there, or may be replaced.</summary>
    public void Move(string from, string path)
    {
        InFolderOf(path, () =>
        {
            File.Move(from, path, overwrite: true);
            return true;
        });
        SyncNames(Path.GetDirectoryName(path)!);
    }

    /// <summary>Runs an act in the folder of <paramref name="path"/>, again if a clean-up takes the empty folder away.</summary>
    public T InFolderOf<T>(string path, Func<T> act)
    {
        var folder = Path.GetDirectoryName(path)!;
        for (var attempt = 1; ; attempt++)
        {
            EnsureFolder(folder);
            try
            {
                return act();
            }
            catch (Exception e) when (e is DirectoryNotFoundException or FileNotFoundException && attempt < MaxAttempts)
            {
                Forget(folder);
            }
        }
    }

    /// <summary>Removes a file, and the folders that are empty without it. None there is no error.</summary>
    public void Remove(string path)
    {
        if (!File.Exists(path))
        {
            return;
        }

        File.Delete(path);
        RemoveEmptyFolders(Path.GetDirectoryName(path)!);
    }

    /// <summary>Removes a folder and those above it that are empty; makes what has been removed in them durable.</summary>
    public void RemoveEmptyFolders(string folder)
    {
        while (folder.Length > Root.Length && TryRemoveEmpty(folder))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        SyncNames(folder);
    }

    /// <summary>Makes changes of names in a folder durable; of a folder that is gone, its removal.</summary>
    public void SyncNames(string folder)
    {
        while (true)
        {
            try
            {
                Posix.SyncDirectory(folder);
                return;
            }
            catch (DirectoryNotFoundException) when (folder.Length > Root.Length)
            {
                folder = Path.GetDirectoryName(folder)!;
            }
        }
    }

    private void Forget(string folder)
    {
        for (; folder.Length > Root.Length; folder = Path.GetDirectoryName(folder)!)
        {
            _durable.TryRemove(folder, out _);
        }
    }

    private void EnsureFolder(string folder)
    {
        if (_durable.ContainsKey(folder) || folder.Length <= Root.Length)
        {
            return;
        }

        lock (_folders)
        {
            var parent = Path.GetDirectoryName(folder)!;
            EnsureFolder(parent);
            Directory.CreateDirectory(folder);
            Posix.SyncDirectory(parent);
            if (_durable.Count >= MaxKnown)
            {
                _durable.Clear();
            }

            _durable[folder] = true;
        }
    }

    private bool TryRemoveEmpty(string folder)
    {
        lock (_folders)
        {
            if (!Directory.Exists(folder) || Directory.EnumerateFileSystemEntries(folder).Any())
            {
                return false;
            }

            _durable.TryRemove(folder, out _);
            try
            {
                Directory.Delete(folder);
                return true;
            }
            catch (IOException)
            {
                // Something has moved in since.
                return false;
            }
        }
    }
}
