using System.Globalization;
using System.Runtime;
using System.Runtime.InteropServices;

namespace Phaseo.Orleans.LoadTests.Bench;

/// <summary>What the figures were measured on. Names no path and no host.</summary>
internal static class Machine
{
    /// <summary>One line.</summary>
    /// <param name="workFolder">Where files are written; only its file system is named.</param>
    public static string Describe(string workFolder)
    {
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1024.0 * 1024 * 1024);
        var collector = GCSettings.IsServerGC ? "server" : "workstation";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Environment.ProcessorCount} cores ({CpuModel()}), {memory:F1} GiB, {RuntimeInformation.OSDescription} "
            + $"{RuntimeInformation.OSArchitecture}, {RuntimeInformation.FrameworkDescription}, {collector} GC, "
            + $"files on {FileSystem(workFolder)}.");
    }

    private static string CpuModel()
    {
        const string Name = "model name";
        var line = File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal))
            : null;
        return line is null ? "model unknown" : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }

    private static string FileSystem(string folder) => DriveInfo.GetDrives()
        .Where(drive => Path.GetFullPath(folder).StartsWith(drive.Name, StringComparison.Ordinal))
        .OrderByDescending(drive => drive.Name.Length)
        .Select(drive => drive.DriveFormat)
        .FirstOrDefault("an unknown file system");
}
