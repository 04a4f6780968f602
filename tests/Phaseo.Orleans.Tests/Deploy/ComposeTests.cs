using Phaseo.Orleans.Testing;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Phaseo.Orleans.Tests.Deploy;

/// <summary>deploy/compose as docker-compose understands it.</summary>
public sealed class ComposeTests
{
    [Fact]
    public async Task Three_silos_share_one_emulator_and_write_nothing()
    {
        var services = (await ReadAsync()).Services;
        var silos = services.Where(service => service.Key.StartsWith("silo-", StringComparison.Ordinal)).Select(service => service.Value).ToList();

        Assert.Equal(3, silos.Count);
        Assert.Equal(Images.Azurite(), services["azurite"].Image);
        Assert.Single(silos.Select(one => one.Environment["PHASEO_CONNECTION"]).Distinct());
        Assert.All(silos, one =>
        {
            Assert.Contains("http://azurite:10000/", one.Environment["PHASEO_CONNECTION"], StringComparison.Ordinal);
            CommandLines.Check(one.Command);
            Assert.Equal("service_healthy", one.DependsOn["azurite"].Condition);
            Assert.All(one.Environment.Keys, name => Assert.True(SiloSettings.IsRead(name), $"No silo reads {name}."));
            Assert.True(TimeSpan.FromSeconds(int.Parse(one.StopGracePeriod.Replace("m", "", StringComparison.Ordinal).Replace("s", "", StringComparison.Ordinal), null)) is { } grace
                && (one.StopGracePeriod.EndsWith('m') ? grace * 60 : grace) > DrainTimes.Longest);
        });
        Assert.All(services.Values, one =>
        {
            Assert.True(one.ReadOnly);
            Assert.Equal(["ALL"], one.CapDrop);
            Assert.Contains("no-new-privileges:true", one.SecurityOpt);
        });
    }

    [Fact]
    public async Task The_image_is_built_by_the_Dockerfile_of_the_sources()
    {
        var silo = (await ReadAsync()).Services["silo-1"];

        Assert.Equal(SourceTree.PathOf().TrimEnd('/'), silo.Build.Context.TrimEnd('/'));
        Assert.True(File.Exists(Path.Combine(silo.Build.Context, silo.Build.Dockerfile)));
    }

    [Fact]
    public async Task Only_this_machine_reaches_the_silos()
    {
        var ports = (await ReadAsync()).Services.Values.SelectMany(service => service.Ports).ToList();

        Assert.Equal(3, ports.Count);
        Assert.All(ports, port => Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal));
    }

    private static async Task<Composition> ReadAsync()
    {
        var yaml = await Tool.Find("docker-compose").RunAsync("-f", SourceTree.PathOf("deploy", "compose", "compose.yaml"), "config");
        return new DeserializerBuilder().WithNamingConvention(UnderscoredNamingConvention.Instance).IgnoreUnmatchedProperties().Build()
            .Deserialize<Composition>(yaml);
    }

    private sealed class Composition
    {
        public Dictionary<string, Service> Services { get; set; } = [];
    }

    private sealed class Service
    {
        public string Image { get; set; } = "";

        public Build Build { get; set; } = new();

        public List<string> Command { get; set; } = [];

        public Dictionary<string, string> Environment { get; set; } = [];

        public Dictionary<string, Dependency> DependsOn { get; set; } = [];

        public bool ReadOnly { get; set; }

        public List<string> CapDrop { get; set; } = [];

        public List<string> SecurityOpt { get; set; } = [];

        public List<string> Ports { get; set; } = [];

        public string StopGracePeriod { get; set; } = "10s";
    }

    private sealed class Build
    {
        public string Context { get; set; } = "";

        public string Dockerfile { get; set; } = "";
    }

    private sealed class Dependency
    {
        public string Condition { get; set; } = "";
    }
}
