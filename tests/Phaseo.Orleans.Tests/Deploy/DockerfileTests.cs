using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.Tests.Deploy;

/// <summary>The Dockerfile, read line by line: images are not built here.</summary>
public sealed partial class DockerfileTests
{
    /// <summary>The user that the image runs as: "app" of .NET's images.</summary>
    public const long UserOfImage = 1654;

    private static readonly string Text = File.ReadAllText(SourceTree.PathOf("deploy", "docker", "Dockerfile"));
    private static readonly IReadOnlyList<(string Name, string Tail)> Lines = [.. Instructions(Text)];

    [Fact]
    public void It_runs_as_a_user_without_rights_given_by_number()
    {
        var user = Lines.Last(line => line.Name == "USER").Tail;

        Assert.Equal(UserOfImage, long.Parse(user, CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Base_images_are_fixed_versions_of_the_platform_that_the_sources_use()
    {
        var images = Lines.Where(line => line.Name == "FROM").Select(line => ImageOf().Match(line.Tail).Value).ToList();
        var sdk = Sdk().Match(File.ReadAllText(SourceTree.PathOf("global.json"))).Groups["band"].Value;

        Assert.Equal(2, images.Count);
        Assert.All(images, image => Assert.Matches(@":10\.0\.\d+-noble", image));
        Assert.StartsWith($"mcr.microsoft.com/dotnet/sdk:10.0.{sdk}", images[0], StringComparison.Ordinal);
        Assert.EndsWith("-noble-chiseled", images[1], StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_copied_is_there_and_is_sent_to_the_builder()
    {
        var sent = File.ReadAllLines(SourceTree.PathOf("deploy", "docker", "Dockerfile.dockerignore"))
            .Where(line => line.StartsWith('!')).Select(line => line[1..]).ToList();

        var sources = Lines.Where(line => line.Name == "COPY" && !line.Tail.StartsWith("--from", StringComparison.Ordinal))
            .SelectMany(line => line.Tail.Split(' ')[..^1]).ToList();

        Assert.Contains("src/", sources);
        Assert.All(sources, source =>
        {
            Assert.True(Path.Exists(SourceTree.PathOf(source)), $"{source} is not in the sources.");
            Assert.Contains(sent, prefix => source == prefix || source.StartsWith(prefix + "/", StringComparison.Ordinal));
        });
        Assert.All(sent, path => Assert.True(Path.Exists(SourceTree.PathOf(path)), $"{path} is not in the sources."));
    }

    [Fact]
    public void Packages_of_every_project_are_restored_before_the_sources_change()
    {
        var copied = Lines.Where(line => line.Name == "COPY").SelectMany(line => line.Tail.Split(' ')[..^1]).ToHashSet();

        var projects = Directory.GetDirectories(SourceTree.PathOf("src")).Select(folder => Path.GetFileName(folder)!);

        Assert.All(projects, project => Assert.Superset(new HashSet<string> { $"src/{project}/{project}.csproj", $"src/{project}/packages.lock.json" }, copied));
    }

    [Fact]
    public void It_is_compiled_ahead_and_asks_itself_whether_it_is_well()
    {
        var publish = Lines.Single(line => line.Name == "RUN" && line.Tail.StartsWith("dotnet publish", StringComparison.Ordinal)).Tail;
        var health = Lines.Single(line => line.Name == "HEALTHCHECK").Tail;

        Assert.Contains("-p:PublishReadyToRun=true", publish, StringComparison.Ordinal);
        Assert.Contains("-c Release", publish, StringComparison.Ordinal);
        Assert.EndsWith("""CMD ["dotnet", "/app/phaseo.dll", "health"]""", health, StringComparison.Ordinal);
        CommandLines.Check(JsonSerializer.Deserialize<string[]>(Lines.Single(line => line.Name == "CMD").Tail)!);
        Assert.Equal("""["dotnet", "/app/phaseo.dll"]""", Lines.Single(line => line.Name == "ENTRYPOINT").Tail);
    }

    [Fact]
    public void Variables_that_it_sets_are_read()
    {
        var run = Lines.SkipWhile(line => !line.Tail.EndsWith(" AS run", StringComparison.Ordinal));

        var variables = run.Where(line => line.Name == "ENV").SelectMany(line => line.Tail.Split(' ')).Select(pair => pair.Split('=')[0]);

        Assert.All(variables, name => Assert.True(SiloSettings.IsRead(name), $"No silo reads {name}."));
    }

    private static IEnumerable<(string Name, string Tail)> Instructions(string text)
    {
        var joined = text.Replace("\\\n", "", StringComparison.Ordinal).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return joined.Where(line => !line.StartsWith('#')).Select(line => line.Split(' ', 2)).Select(parts => (parts[0], Blanks().Replace(parts[1], " ").Trim()));
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    [GeneratedRegex(@"mcr\.microsoft\.com/\S+")]
    private static partial Regex ImageOf();

    // 10.0.400: any patch of the feature band 4 will do.
    [GeneratedRegex("""
        "version": "10\.0\.(?<band>\d)\d\d"
        """)]
    private static partial Regex Sdk();
}
