using System.Text.RegularExpressions;
using Phaseo.Orleans.Testing;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Phaseo.Orleans.Tests.Deploy;

/// <summary>deploy/prometheus, by Prometheus' own tool and against the meter.</summary>
public sealed partial class PrometheusTests
{
    private static readonly string Rules = SourceTree.PathOf("deploy", "prometheus", "rules.yml");

    [Fact]
    public async Task Prometheus_takes_the_rules() => await Tool.Find("promtool").RunAsync("check", "rules", Rules);

    [Fact]
    public async Task Alerts_fire_when_they_should_and_not_before() =>
        await Tool.Find("promtool").RunAsync("test", "rules", SourceTree.PathOf("deploy", "prometheus", "rules.test.yml"));

    [Fact]
    public void Alerts_look_at_series_that_silos_have()
    {
        var known = Observability.MetricsDocumentTests.Find().SelectMany(seen => seen.SeriesNames).ToHashSet();
        var rules = Read().Groups.SelectMany(group => group.Rules).ToList();

        var named = rules.SelectMany(rule => Series().Matches(rule.Expr)).Select(match => match.Value).Distinct().ToList();

        Assert.NotEmpty(named);
        Assert.All(named, name => Assert.Contains(name, known));
    }

    [Fact]
    public void Alerts_look_at_labels_that_their_series_have()
    {
        var known = Observability.MetricsDocumentTests.Find().SelectMany(seen => seen.Tags).Select(tag => tag.Replace('.', '_')).Append("le").Append("job").ToHashSet();

        var labels = Read().Groups.SelectMany(group => group.Rules)
            .SelectMany(rule => Labels().Matches(rule.Expr)).SelectMany(match => match.Groups["label"].Captures).Select(label => label.Value);

        Assert.All(labels.Distinct(), label => Assert.Contains(label, known));
    }

    [Fact]
    public void Every_alert_says_what_happens_and_what_to_do()
    {
        var rules = Read().Groups.SelectMany(group => group.Rules).ToList();

        Assert.NotEmpty(rules);
        Assert.All(rules, rule =>
        {
            Assert.Equal(["action", "summary"], rule.Annotations.Keys.Order(StringComparer.Ordinal));
            Assert.Contains(rule.Labels["severity"], (string[])["critical", "warning", "info"]);
        });
        Assert.Equal(rules.Count, rules.Select(rule => rule.Alert).Distinct().Count());
    }

    private static RuleFile Read() => new DeserializerBuilder().WithNamingConvention(UnderscoredNamingConvention.Instance).Build()
        .Deserialize<RuleFile>(File.ReadAllText(Rules));

    [GeneratedRegex(@"(?<!by \()\bphaseo_[a-z_]+(?=[{\[\s)]|$)(?!\s*=)")]
    private static partial Regex Series();

    [GeneratedRegex(@"(by \((?<label>[a-z_]+)\))|([{,]\s*(?<label>[a-z_]+)\s*(=|!=|=~|!~))")]
    private static partial Regex Labels();

    private sealed class RuleFile
    {
        public List<Group> Groups { get; set; } = [];
    }

    private sealed class Group
    {
        public string Name { get; set; } = "";

        public List<Rule> Rules { get; set; } = [];
    }

    private sealed class Rule
    {
        public string Alert { get; set; } = "";

        public string Expr { get; set; } = "";

        public string For { get; set; } = "";

        public Dictionary<string, string> Labels { get; set; } = [];

        public Dictionary<string, string> Annotations { get; set; } = [];
    }
}
