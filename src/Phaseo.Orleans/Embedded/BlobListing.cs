namespace Phaseo.Orleans.Embedded;

/// <summary>Finds blobs by the start of their names.</summary>
internal static class BlobListing
{
    private static readonly EnumerationOptions WholeTree = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None };

    /// <summary>Names of blobs under <paramref name="root"/>, in no order; parts and lists are none.</summary>
    public static IEnumerable<string> Enumerate(string root, string prefix)
    {
        // Only the folder that the prefix names in full need be read.
        var folder = Path.Combine(root, prefix[..(prefix.LastIndexOf('/') + 1)]);
        if (!Path.GetFullPath(folder).StartsWith(root, StringComparison.Ordinal) || !Directory.Exists(folder))
        {
            yield break;
        }

        foreach (var path in Directory.EnumerateFiles(folder, "*", WholeTree))
        {
            var name = Path.GetRelativePath(root, path).Replace(Path.DirectorySeparatorChar, '/');
            if (name.StartsWith(prefix, StringComparison.Ordinal) && !name.Contains('~', StringComparison.Ordinal))
            {
                yield return name;
            }
        }
    }

    /// <summary>The next <paramref name="count"/> names, or all that are left.</summary>
    public static List<string> Take(IEnumerator<string> names, int count)
    {
        var page = new List<string>(count);
        while (page.Count < count && names.MoveNext())
        {
            page.Add(names.Current);
        }

        return page;
    }
}
