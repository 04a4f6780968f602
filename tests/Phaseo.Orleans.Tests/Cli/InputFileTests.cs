using Phaseo.Orleans.Cli.Runs;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Cli;

public sealed class InputFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Theory]
    [InlineData("{\"url\":\"/v1/embeddings\"}\n{\"url\":\"/v1/responses\"}\n", "/v1/embeddings")]
    [InlineData("\uFEFF{\"custom_id\":\"a\",\"body\":{\"url\":\"no\"},\"url\":\"/v1/embeddings\"}", "/v1/embeddings")]
    [InlineData("\r\n  \r\n{\"url\":\"/v1/embeddings\"}\r\n", "/v1/embeddings")]
    [InlineData("{\"custom_id\":\"a\"}\n{\"url\":\"/v1/embeddings\"}\n", null)]
    [InlineData("{\"url\":7}\n", null)]
    [InlineData("{\"url\":\n", null)]
    [InlineData("[]\n", null)]
    [InlineData("\n\n", null)]
    [InlineData("", null)]
    public async Task The_first_row_says_the_endpoint(string content, string? url)
    {
        var input = await ReadAsync(content);

        Assert.Equal(url, input.Url);
    }

    [Fact]
    public async Task A_first_line_longer_than_a_buffer_is_read_whole()
    {
        var input = await ReadAsync($$"""{"body":"{{new string('x', 300_000)}}","url":"/v1/messages"}""" + "\n");

        Assert.Equal("/v1/messages", input.Url);
    }

    [Fact]
    public async Task Length_and_hash_are_the_whole_files()
    {
        var input = await ReadAsync("abc");

        // FIPS 180-2, appendix B.1.
        Assert.Equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", input.Sha256);
        Assert.Equal(3, input.Bytes);
    }

    public void Dispose() => _folder.Dispose();

    private async Task<InputFile> ReadAsync(string content)
    {
        var path = Path.Combine(_folder.Path, "in.jsonl");
        await File.WriteAllTextAsync(path, content, TestContext.Current.CancellationToken);
        return await InputFile.ReadAsync(path, TestContext.Current.CancellationToken);
    }
}
