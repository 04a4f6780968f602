using Phaseo.Orleans.Cli;
using Phaseo.Orleans.Cli.Runs;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Cli;

public sealed class RunRequestTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Theory]
    [InlineData("/a/in.jsonl", "/a/in.out.jsonl", "/a/in.errors.jsonl")]
    [InlineData("/a/in.JSONL", "/a/in.out.jsonl", "/a/in.errors.jsonl")]
    [InlineData("/a/in.txt", "/a/in.txt.out.jsonl", "/a/in.txt.errors.jsonl")]
    public void Results_go_beside_the_input(string input, string output, string errors) =>
        Assert.Equal((output, errors), RunRequest.DefaultsFor(input));

    [Fact]
    public void The_input_is_never_overwritten_not_even_through_a_link()
    {
        var input = Make("in.jsonl");
        var link = In("link.jsonl");
        File.CreateSymbolicLink(link, input);

        Assert.Contains("is the input", Refusal(input, output: input), StringComparison.Ordinal);
        Assert.Contains("is the input", Refusal(input, output: link), StringComparison.Ordinal);
        Assert.Contains("is the input", Refusal(input, errors: link), StringComparison.Ordinal);
        Assert.Contains("is the input", Refusal(link, output: input), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_results_need_two_files() =>
        Assert.Contains("both", Refusal(Make("in.jsonl"), output: In("x"), errors: In("x")), StringComparison.Ordinal);

    [Fact]
    public void Paths_that_cannot_work_are_refused_before_anything_is_sent()
    {
        var input = Make("in.jsonl");

        Assert.Contains("does not exist", Refusal(In("none.jsonl")), StringComparison.Ordinal);
        Assert.Contains("is a folder", Refusal(_folder.Path), StringComparison.Ordinal);
        Assert.Contains("is a folder", Refusal(input, output: _folder.Path), StringComparison.Ordinal);
        Assert.Contains("does not exist", Refusal(input, output: In("no/where.jsonl")), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static string Refusal(string input, string? output = null, string? errors = null)
    {
        var request = new RunRequest
        {
            Input = input,
            Output = output ?? input + ".out",
            Errors = errors ?? input + ".errors",
            Window = "24h",
        };
        return Assert.Throws<CliException>(request.Check).Message;
    }

    private string In(string name) => Path.Combine(_folder.Path, name);

    private string Make(string name)
    {
        File.WriteAllText(In(name), "{}\n");
        return In(name);
    }
}
