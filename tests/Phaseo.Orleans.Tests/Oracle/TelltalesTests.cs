using Phaseo.Orleans.Testing;

namespace Phaseo.Orleans.Tests.Oracle;

public sealed class TelltalesTests
{
    private readonly Telltales _telltales = new("phk_one", "sk-two");

    [Theory]
    [InlineData("Refused the key phk_one of a caller.", "a key")]
    [InlineData("authorization: Bearer sk-two", "a key")]
    [InlineData("""The provider said {"error":{"message":"Scripted."}}""", "content of a row or an answer")]
    [InlineData("Batch batch_1 went from Validating to InProgress", null)]
    public void Keys_and_bodies_are_told_from_messages(string text, string? found) => Assert.Equal(found, _telltales.Find(text));

    [Fact]
    public async Task Nearly_every_row_is_known_by_its_words()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("phaseo-").FullName, "in.jsonl");

        await new RequestRows().WriteAsync(path, 1_000, TestContext.Current.CancellationToken);

        var lines = await File.ReadAllLinesAsync(path, TestContext.Current.CancellationToken);
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        Assert.InRange(lines.Count(line => _telltales.Find(line) is not null), 980, 1_000);
    }
}
