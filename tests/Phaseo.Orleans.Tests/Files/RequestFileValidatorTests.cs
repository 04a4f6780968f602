using System.Text;
using CsCheck;
using Phaseo.Orleans.Files;
using static Phaseo.Orleans.Tests.Files.ValidationTestBed;

namespace Phaseo.Orleans.Tests.Files;

public sealed class RequestFileValidatorTests
{
    private static readonly Gen<string> Blank = Gen.Frequency((4, Gen.Const("")), (1, Gen.OneOf("\n", "\r\n", " \t\n", "\r\r\n\n")));

    // A valid file, with the line number and text of each row; every @ becomes an id of its own.
    private static readonly Gen<(byte[] File, (int, string)[] Rows)> File = Gen.Select(
        Gen.Select(RequestLineGen.Line(Gen.Const("\"@\"")), Blank).Array[1, 20], Gen.OneOf("\n", "\r\n"), Gen.Bool, Gen.Bool).Select(WriteFile);

    [Fact]
    public Task Shards_hold_exactly_the_rows_that_were_validated() =>
        Gen.Select(File, Gen.Int[1, 8], Gen.Int[1, 2000], Gen.OneOf(1, 13, 4096)).SampleAsync(async (made, shardRows, shardBytes, chunk) =>
        {
            var limits = new ValidationLimits { ShardRows = shardRows, ShardBytes = shardBytes };

            var report = await ValidateAsync(made.File, limits, chunk);

            Assert.Equal("", Faults(report));
            Assert.Equal(made.Rows.Length, report.Rows);
            var rows = report.Shards.SelectMany(shard => ShardReader.Read(made.File.AsMemory((int)shard.Offset, shard.Length), shard)).ToArray();
            Assert.Equal(made.Rows, rows.Select(row => (row.Line, Encoding.UTF8.GetString(row.Bytes.Span))));
            Assert.Equal(Enumerable.Range(0, rows.Length), rows.Select(row => row.Row));
            Assert.All(report.Shards, shard => Assert.InRange(shard.Rows, 1, shardRows));
            Assert.All(report.Shards, shard => Assert.True(shard.Rows == 1 || shard.Length <= shardBytes));
        });

    [Fact]
    public Task Ids_are_duplicates_when_their_text_is_the_same() =>
        Gen.Select(Gen.OneOf("a", "\\u0061", "b", "\\\"", "\\u0022", "é", "\\u00e9", "ab", "abc").Array[1, 12], Gen.OneOf(1, 3, 64))
            .SampleAsync(async (ids, hashBits) =>
            {
                var file = Encoding.UTF8.GetBytes(string.Join('\n', ids.Select(id => Line(id))));
                var first = new Dictionary<string, int>();
                var expected = new List<string>();
                for (var i = 0; i < ids.Length; i++)
                {
                    var id = System.Text.Json.JsonSerializer.Deserialize<string>($"\"{ids[i]}\"")!;
                    if (!first.TryAdd(id, i + 1))
                    {
                        expected.Add($"The custom_id of line {i + 1} is also that of line {first[id]}.");
                    }
                }

                var report = await ValidateAsync(file, hashBits: hashBits);

                Assert.Equal(expected, report.Faults.Select(fault => fault.Message));
            });

    [Fact]
    public async Task Thousands_of_ids_are_kept_apart()
    {
        var file = Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, 20_000).Select(i => Line($"{i}")).Append(Line("7"))));

        var report = await ValidateAsync(file);

        Assert.Equal("duplicate_custom_id:20001:custom_id", Faults(report));
        Assert.Contains("line 8.", report.Faults[0].Message);
    }

    [Fact]
    public async Task The_catalog_is_asked_once_for_each_model_and_policy()
    {
        var models = new KnownModels();
        string[] bodies =
        [
            """{"model":"a"}""", """{"model":"a"}""", """{"model":"b"}""", """{"model":"a","provider":{"only":["x"]}}""",
            """{"provider":{"only":["x"]},"model":"a"}""", """{"model":"a","provider":null}""",
        ];
        var lines = bodies.Select((body, i) => $$"""{"custom_id":"{{i}}","method":"POST","body":{{body}}}""");

        await ValidateAsync(Encoding.UTF8.GetBytes(string.Join('\n', lines)), models: models);

        Assert.Equal(["a ", "b ", """a {"only":["x"]}"""], models.Asked);
    }

    [Fact]
    public async Task What_is_remembered_of_the_catalog_is_bounded_and_right()
    {
        var models = new KnownModels();
        var lines = Enumerable.Range(0, 5000).Select(i => Line($"{i}", i % 1500 == 0 ? $"no-{i}" : $"m{i % 3000}"));

        var report = await ValidateAsync(Encoding.UTF8.GetBytes(string.Join('\n', lines)), models: models);

        Assert.Equal([1, 1501, 3001, 4501], report.Faults.Select(fault => fault.Line!.Value));
    }

    [Fact]
    public async Task The_model_is_told_when_all_rows_name_the_same()
    {
        var same = await ValidateAsync(Encoding.UTF8.GetBytes($"{Line("a", "m")}\n{Line("b", "\\u006d")}"));
        var mixed = await ValidateAsync(Encoding.UTF8.GetBytes($"{Line("a", "m")}\n{Line("b", "n")}\n{Line("c", "m")}"));

        Assert.Equal("m", same.Model);
        Assert.Null(mixed.Model);
    }

    [Fact]
    public async Task A_cancelled_pass_reads_no_further()
    {
        using var cancel = new CancellationTokenSource();
        var opened = new MemoryStream(Encoding.UTF8.GetBytes(Line("a")));
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RequestFileValidator.ValidateAsync(
            (_, _, _) => Task.FromResult<Stream?>(opened), RequestLineGen.Endpoint, new ValidationLimits(), new KnownModels(), cancel.Token));
        Assert.False(opened.CanRead);
    }

    [Fact]
    public async Task A_file_that_is_gone_is_an_exception_and_no_fault()
    {
        await Assert.ThrowsAsync<FileNotFoundException>(() => RequestFileValidator.ValidateAsync(
            (_, _, _) => Task.FromResult<Stream?>(null), RequestLineGen.Endpoint, new ValidationLimits(), new KnownModels(),
            TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(50_000, 15_000_000, 500, 4)]
    [InlineData(99_999, 209_715_200, 500, 4)]
    [InlineData(100_000, 30_000_000, 1000, 8)]
    [InlineData(1_000_000, 300_000_000, 1000, 8)]
    [InlineData(900, 900_000_000, 1000, 8)]
    public void Huge_files_have_larger_shards(long lines, long bytes, int shardRows, int shardMiB)
    {
        var limits = new ValidationLimits().ForFile(bytes, lines);

        Assert.Equal((shardRows, shardMiB * 1024 * 1024), (limits.ShardRows, limits.ShardBytes));
    }

    private static (byte[], (int, string)[]) WriteFile((string Line, string Blank)[] lines, string end, bool hasMark, bool endsWithFeed)
    {
        var text = new StringBuilder(hasMark ? "\uFEFF" : "");
        var rows = new (int, string)[lines.Length];
        var number = 1;
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].Line.Replace("@", $"r{i}");
            var isEnded = endsWithFeed || i < lines.Length - 1;
            text.Append(lines[i].Blank).Append(line).Append(isEnded ? end : "");
            number += lines[i].Blank.Count(c => c == '\n');

            // What ends in a carriage return ends in CRLF, unless the CRLF comes after it.
            rows[i] = (number++, line.EndsWith('\r') && !(isEnded && end == "\r\n") ? line[..^1] : line);
        }

        return (Encoding.UTF8.GetBytes(text.ToString()), rows);
    }
}
