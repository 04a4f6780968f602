namespace Phaseo.Orleans.Cli.Runs;

/// <summary>Compares paths by what they lead to.</summary>
internal static class FilePaths
{
    /// <summary>Whether two absolute paths are the same file, links followed.</summary>
    public static bool AreSame(string left, string right) => Resolve(left) == Resolve(right);

    private static string Resolve(string path)
    {
        var target = File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path : path;
        return Path.GetDirectoryName(target) is { } folder && Directory.Exists(folder)
            ? Path.Combine(Directory.ResolveLinkTarget(folder, returnFinalTarget: true)?.FullName ?? folder, Path.GetFileName(target))
            : target;
    }
}
