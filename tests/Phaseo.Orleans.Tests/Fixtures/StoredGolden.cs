using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>
/// Compares something that is stored with <c>Golden/Stored/{name}</c>. With <c>PHASEO_UPDATE_GOLDEN=1</c> the file is
/// written instead, and what it held before moves to <c>Golden/Stored/Old/</c>: running clusters have it in storage, so
/// it still has to be read. Delete the old one only if no release has written it.
/// </summary>
internal static class StoredGolden
{
    private static readonly string Folder = SourceTree.PathOf("tests", "Phaseo.Orleans.Tests", "Golden", "Stored");

    private static readonly string OldFolder = Path.Combine(Folder, "Old");

    /// <summary>What is written today must be what the golden holds.</summary>
    public static void Check(string name, string written)
    {
        var path = Path.Combine(Folder, name);
        var golden = File.Exists(path) ? File.ReadAllText(path) : "";
        if (golden == written)
        {
            return;
        }

        if (SourceTree.IsUpdating)
        {
            Replace(path, golden, written);
            return;
        }

        Assert.Fail(
            $"""
            Golden/Stored/{name}: what is stored has changed, and running clusters have the old form in their storage.
            A process of this build must read what older ones wrote, and while a cluster is upgraded older ones must read what
            this build writes. If both hold, say why in the commit; PHASEO_UPDATE_GOLDEN=1 writes the golden again and keeps
            the old one, which has to stay readable.
            {FirstDifference(golden, written)}
            """);
    }

    /// <summary>The golden as it is now: what a process of this build finds in storage.</summary>
    public static string Read(string name) => File.ReadAllText(Path.Combine(Folder, name));

    /// <summary>All forms that storage may hold: today's first, then the old ones.</summary>
    public static IEnumerable<string> ReadAll(string name) => OldPaths(name).Select(File.ReadAllText).Prepend(Read(name));

    private static void Replace(string path, string golden, string written)
    {
        Directory.CreateDirectory(Folder);
        if (golden.Length > 0)
        {
            Directory.CreateDirectory(OldFolder);
            var name = Path.GetFileName(path);
            File.WriteAllText(Path.Combine(OldFolder, $"{OldPaths(name).Count() + 1}.{name}"), golden);
        }

        File.WriteAllText(path, written);
    }

    private static IEnumerable<string> OldPaths(string name) =>
        Directory.Exists(OldFolder) ? Directory.EnumerateFiles(OldFolder, $"*.{name}").Order(StringComparer.Ordinal) : [];

    private static string FirstDifference(string golden, string written)
    {
        var (old, now) = (golden.Split('\n'), written.Split('\n'));
        var line = Enumerable.Range(0, Math.Max(old.Length, now.Length)).First(n => old.ElementAtOrDefault(n) != now.ElementAtOrDefault(n));
        return $"line {line + 1}: the golden has '{old.ElementAtOrDefault(line)}', written is '{now.ElementAtOrDefault(line)}'";
    }
}
