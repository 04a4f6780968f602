using System.Reflection;
using System.Text.Json;
using Phaseo.Orleans.Testing;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Deploy;

/// <summary>deploy/azure, compiled and looked over by Azure's own compiler; what it would make is read from the template.</summary>
public sealed class BicepTests : IDisposable
{
    private static readonly string Main = SourceTree.PathOf("deploy", "azure", "main.bicep");
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_linter_has_nothing_to_say()
    {
        var (code, output, error) = await Bicep().TryAsync("lint", Main);

        Assert.Equal((0, "", ""), (code, output.Trim(), error.Trim()));
    }

    [Fact]
    public async Task Parameters_fit()
    {
        var bicep = Bicep();
        bicep.Environment["PHASEO_KEY"] = "key-of-sixteen-or-more";
        bicep.Environment["PHASEO_OPERATOR_KEY"] = "key-of-sixteen-or-more";

        await bicep.RunAsync("build-params", SourceTree.PathOf("deploy", "azure", "main.bicepparam"), "--outfile", At("parameters.json"));

        using var parameters = JsonDocument.Parse(await File.ReadAllTextAsync(At("parameters.json"), TestContext.Current.CancellationToken));
        Assert.Equal("key-of-sixteen-or-more", parameters.RootElement.GetProperty("parameters").GetProperty("apiKey").GetProperty("value").GetString());
    }

    [Fact]
    public async Task The_account_knows_no_keys_and_silos_may_read_and_write_blobs_and_tables_only()
    {
        var resources = await BuildAsync();

        var account = resources.Single(one => TypeOf(one) == "Microsoft.Storage/storageAccounts").GetProperty("properties");
        Assert.False(account.GetProperty("allowSharedKeyAccess").GetBoolean());
        Assert.False(account.GetProperty("allowBlobPublicAccess").GetBoolean());
        Assert.Equal("TLS1_2", account.GetProperty("minimumTlsVersion").GetString());
        var text = (await File.ReadAllTextAsync(At("main.json"), TestContext.Current.CancellationToken)).ToLowerInvariant();
        Assert.DoesNotContain("listkeys", text, StringComparison.Ordinal);
        Assert.Contains("ba92f5b4-2d11-453d-a403-e96b0029c9fe", text, StringComparison.Ordinal);
        Assert.Contains("0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Silos_get_variables_that_they_read_probes_that_answer_and_time_to_end()
    {
        var app = (await BuildAsync()).Single(one => TypeOf(one) == "Microsoft.App/containerApps").GetProperty("properties");

        var template = app.GetProperty("template");
        var container = template.GetProperty("containers")[0];
        var text = container.GetProperty("env").GetString()!;
        var names = System.Text.RegularExpressions.Regex.Matches(text, "createObject\\('name', '([A-Za-z_]+)'").Select(match => match.Groups[1].Value).ToList();
        Assert.Contains("PHASEO_CONNECTION", names);
        Assert.All(names, name => Assert.True(SiloSettings.IsRead(name), $"No silo reads {name}."));
        Assert.Equal(
            ["/healthz/live", "/healthz/ready", "/healthz/startup"],
            container.GetProperty("probes").EnumerateArray().Select(probe => probe.GetProperty("httpGet").GetProperty("path").GetString()!).Order(StringComparer.Ordinal));
        Assert.True(template.GetProperty("terminationGracePeriodSeconds").GetInt32() > DrainTimes.Longest.TotalSeconds);
    }

    private static Tool Bicep()
    {
        var path = typeof(BicepTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(one => one.Key == "BicepPath").Value!;
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists(path), "The compiler of Bicep is a package for Linux on x64.");
        if (!OperatingSystem.IsWindows())
        {
            // Packages do not keep the bit that makes a file a program.
            File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.UserExecute);
        }

        var bicep = new Tool(path);
        bicep.Environment["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1";
        return bicep;
    }

    private string At(string name) => Path.Combine(_folder.Path, name);

    private static string? TypeOf(JsonElement resource) => resource.GetProperty("type").GetString();

    // All resources, those of modules too.
    private async Task<IReadOnlyList<JsonElement>> BuildAsync()
    {
        await Bicep().RunAsync("build", Main, "--outfile", At("main.json"));
        using var file = JsonDocument.Parse(await File.ReadAllTextAsync(At("main.json"), TestContext.Current.CancellationToken));
        return [.. ResourcesOf(file.RootElement.Clone())];
    }

    private static IEnumerable<JsonElement> ResourcesOf(JsonElement template)
    {
        var resources = template.GetProperty("resources");
        foreach (var resource in resources.ValueKind == JsonValueKind.Array ? resources.EnumerateArray() : resources.EnumerateObject().Select(one => one.Value))
        {
            yield return resource;
            if (TypeOf(resource) == "Microsoft.Resources/deployments")
            {
                foreach (var inner in ResourcesOf(resource.GetProperty("properties").GetProperty("template")))
                {
                    yield return inner;
                }
            }
        }
    }
}
