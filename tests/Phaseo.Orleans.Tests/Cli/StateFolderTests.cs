using Phaseo.Orleans.Cli;
using Phaseo.Orleans.Cli.Runs;

namespace Phaseo.Orleans.Tests.Cli;

public sealed class StateFolderTests
{
    [Theory]
    [InlineData("/state", "/home/me", "/state/phaseo")]
    [InlineData("relative", "/home/me", "/home/me/.local/state/phaseo")] // the specification: not absolute is not set
    [InlineData(null, "/home/me", "/home/me/.local/state/phaseo")]
    public void State_is_where_the_desktop_specification_says(string? state, string? home, string folder) =>
        Assert.Equal(folder, StateFolder.Find(Environment(state, home)));

    [Fact]
    public void Without_a_home_it_is_the_working_folder() =>
        Assert.Equal(Path.GetFullPath(".phaseo"), StateFolder.Find(Environment(null, null)));

    [Fact]
    public void Two_inputs_of_one_name_and_two_servers_have_folders_of_their_own()
    {
        string[] all =
        [
            RunFolder.Of("/a/in.jsonl", null, null, "/s").DataPath,
            RunFolder.Of("/b/in.jsonl", null, null, "/s").DataPath,
            RunFolder.Of("/a/in.jsonl", new("http://one/"), null, "/s").DataPath,
            RunFolder.Of("/a/in.jsonl", new("http://two/"), null, "/s").DataPath,
        ];

        Assert.Equal(4, all.Distinct().Count());
    }

    [Fact]
    public void A_named_data_folder_is_used_as_it_is_and_stays()
    {
        var folder = RunFolder.Of("/a/in.jsonl", null, "/data", "/s");

        Assert.Equal("/data", folder.DataPath);
        Assert.StartsWith("/data/runs/", folder.RecordPath, StringComparison.Ordinal);
        Assert.Null(folder.OwnPath);
    }

    private static Func<string, string?> Environment(string? state, string? home) => name => name switch
    {
        "XDG_STATE_HOME" => state,
        "HOME" => home,
        _ => null,
    };
}
