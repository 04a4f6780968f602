namespace Phaseo.Orleans.AzureStores.Faults;

/// <summary>A script in a file that may change while it is in force.</summary>
internal sealed class StorageFaultFile(string path)
{
    private (DateTime WrittenAt, StorageFaultScript Script) _last;

    /// <summary>The script of now.</summary>
    public StorageFaultScript Read()
    {
        var writtenAt = File.GetLastWriteTimeUtc(path);
        if (writtenAt != _last.WrittenAt)
        {
            _last = (writtenAt, File.Exists(path) ? StorageFaultScript.Parse(File.ReadAllText(path)) : StorageFaultScript.Quiet);
        }

        return _last.Script;
    }
}
