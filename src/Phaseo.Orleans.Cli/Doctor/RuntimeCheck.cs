using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Phaseo.Orleans.Cli.Doctor;

/// <summary>The .NET that runs this, and the SDK that builds it.</summary>
internal static class RuntimeCheck
{
    private static readonly TimeSpan SdkLimit = TimeSpan.FromSeconds(10);

    /// <summary>Looks at both. A missing SDK matters only to those who build from source.</summary>
    public static async IAsyncEnumerable<Finding> RunAsync()
    {
        yield return Finding.Ok("runtime", $"{RuntimeInformation.FrameworkDescription} on {RuntimeInformation.RuntimeIdentifier}, phaseo {Product.Version}");
        yield return await ReadSdkAsync() is { } sdk
            ? Finding.Ok("sdk", $".NET SDK {sdk}")
            : Finding.Warn("sdk", "no .NET SDK was found: phaseo runs, but cannot be built from source here");
    }

    private static async Task<string?> ReadSdkAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(SdkLimit);
            using var dotnet = Process.Start(new ProcessStartInfo("dotnet", "--version")
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = AppContext.BaseDirectory,
            })!;
            var version = await dotnet.StandardOutput.ReadToEndAsync(limit.Token);
            await dotnet.WaitForExitAsync(limit.Token);
            return dotnet.ExitCode == 0 ? version.Trim() : null;
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or OperationCanceledException)
        {
            return null;
        }
    }
}
