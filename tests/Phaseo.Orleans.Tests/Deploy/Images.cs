using System.Text.Json;
using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.Tests.Deploy;

/// <summary>Images that follow what the sources pin.</summary>
internal static class Images
{
    /// <summary>The emulator, in the version that Azurite/package.json pins.</summary>
    public static string Azurite()
    {
        using var package = JsonDocument.Parse(File.ReadAllText(SourceTree.PathOf("Azurite", "package.json")));
        return "mcr.microsoft.com/azure-storage/azurite:" + package.RootElement.GetProperty("dependencies").GetProperty("azurite").GetString();
    }
}
