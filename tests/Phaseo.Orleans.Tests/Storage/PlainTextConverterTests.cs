using System.Text;
using System.Text.Json;
using CsCheck;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Tests.Storage;

public sealed class PlainTextConverterTests
{
    private static readonly string[] Hard = ["\\", "\"", "\u007f", "\u007f@", "\u007f\u007f", "\u001c", "\n"];

    private static readonly Gen<string> Texts = Gen.OneOf(
            Gen.Char['\0', '\u00a0'].Select(c => c.ToString()),
            Gen.Char['\u0001', '\ud7ff'].Select(c => c.ToString()),
            Gen.Int[0x10000, 0x10ffff].Select(char.ConvertFromUtf32),
            Gen.Int[0, Hard.Length - 1].Select(n => Hard[n]))
        .Array[0, 20].Select(string.Concat);

    [Fact]
    public void Text_comes_back_as_it_was() => Texts.Sample(text =>
        Assert.Equal(text, JsonSerializer.Deserialize<string>(Stored(text), GrainStateJson.Options)));

    [Fact]
    public void What_is_stored_is_JSON() => Texts.Sample(text =>
    {
        using var json = JsonDocument.Parse(Stored(text));
        Assert.Equal(JsonValueKind.String, json.RootElement.ValueKind);
    });

    [Fact]
    public void No_character_takes_more_than_four_bytes()
    {
        var worst = Enumerable.Range(0, 0x110000)
            .Where(Rune.IsValid)
            .Max(rune => Stored(new Rune(rune).ToString()).Length - 2);

        Assert.Equal(4, worst);
    }

    [Fact]
    public void Shift_that_stands_before_nothing_we_write_is_taken_as_it_is() =>
        Assert.Equal("\u007fa \u007f", JsonSerializer.Deserialize<string>("\"\u007fa \u007f\"", GrainStateJson.Options));

    private static byte[] Stored(string text) => JsonSerializer.SerializeToUtf8Bytes(text, GrainStateJson.Options);
}
