namespace Phaseo.Orleans.Testing;

/// <summary>Where the sources are, for tests that compare with a committed file.</summary>
internal static class SourceTree
{
    /// <summary>Whether committed files that are made from code are to be written instead of compared.</summary>
    public static bool IsUpdating => Environment.GetEnvironmentVariable("PHASEO_UPDATE_GOLDEN") == "1";

    /// <summary>A path below the folder of the solution.</summary>
    public static string PathOf(params string[] parts)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Phaseo.Orleans.sln")))
            {
                return Path.Combine([folder.FullName, .. parts]);
            }
        }

        throw new DirectoryNotFoundException("The tests must run inside the source tree.");
    }
}
