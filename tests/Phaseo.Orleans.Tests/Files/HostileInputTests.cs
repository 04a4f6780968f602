using System.IO.Compression;
using System.Text;
using Phaseo.Orleans.Files;
using static Phaseo.Orleans.Tests.Files.ValidationTestBed;

namespace Phaseo.Orleans.Tests.Files;

/// <summary>What comes of input that nobody meant, or somebody did: every case has one outcome, however it is read.</summary>
public sealed class HostileInputTests
{
    private const int MiB = 1024 * 1024;

    private static readonly ValidationLimits Limits = new() { MaxRows = 50 };

    // Name, file, faults as code:line:param; none is a valid file.
    private static readonly Dictionary<string, (Func<byte[]> File, string Faults)> Cases = new()
    {
        ["empty"] = (() => [], "empty_file"),
        ["only blank lines"] = (() => Utf8("\n \t\r\n\r\n  "), "empty_file"),
        ["only a byte order mark"] = (() => [.. Lines.ByteOrderMark], "empty_file"),
        ["byte order mark"] = (() => [.. Lines.ByteOrderMark, .. Utf8(Line("a"))], ""),
        ["byte order mark on line 2"] = (() => Utf8($"{Line("a")}\n\uFEFF{Line("b")}"), "invalid_json_line:2"),
        ["half a byte order mark"] = (() => [0xEF, 0xBB, .. Utf8(Line("a"))], "invalid_utf8:1"),
        ["UTF-16"] = (() => Encoding.Unicode.GetBytes('\uFEFF' + Line("a")), "invalid_utf8:1"),
        ["CRLF"] = (() => Utf8($"{Line("a")}\r\n\r\n{Line("b")}\r\n"), ""),
        ["a carriage return alone ends no line"] = (() => Utf8($"{Line("a")}\r{Line("b")}"), "invalid_json_line:1"),
        ["a line feed inside an object"] = (() => Utf8("{\n}\n"), "invalid_json_line:1, invalid_json_line:2"),
        ["NUL"] = (() => Utf8($"{Line("a")}\n\0\n{Line("b\0")}\n{Line("c")}\0"), "invalid_json_line:2, invalid_json_line:3, invalid_json_line:4"),
        ["escaped NUL"] = (() => Utf8(Line(@"a\u0000")), ""),
        ["invalid UTF-8 in a prompt"] = (() => [.. Utf8(Body("""{"model":"m","prompt":""")), (byte)'"', 0xC3, 0x28, .. Utf8("\"}}")], "invalid_utf8:1"),
        ["invalid UTF-8 in a name"] = (() => [.. Utf8(Body("{")), (byte)'"', 0xED, 0xA0, 0x80, .. Utf8("\":1}}")], "invalid_utf8:1"),
        ["overlong UTF-8"] = (() => [.. Utf8("{\""), 0xC0, 0xAF, .. Utf8("\":1}")], "invalid_utf8:1"),
        ["lone high surrogate"] = (() => Utf8(Body("""{"model":"m","prompt":"\ud800"}}""")), "invalid_json_line:1"),
        ["lone low surrogate"] = (() => Utf8(Body("""{"model":"m","prompt":["\\\udc00x"]}}""")), "invalid_json_line:1"),
        ["two high surrogates"] = (() => Utf8(Body("""{"model":"m","prompt":"\ud83d\ud83d\ude00"}}""")), "invalid_json_line:1"),
        ["lone surrogate in a name"] = (() => Utf8(Body("""{"model":"m","a":{"\ud800":1,"\ud800":2}}}""")), "invalid_json_line:1"),
        ["lone surrogate in custom_id"] = (() => Utf8(Line(@"\udfff")), "invalid_json_line:1"),
        ["lone surrogate in the name of a field"] = (() => Utf8("""{"\ud800":1}"""), "invalid_json_line:1"),
        ["lone surrogate in method"] = (() => Utf8("""{"method":"\ud800"}"""), "invalid_json_line:1"),
        ["surrogate pair"] = (() => Utf8(Body("""{"model":"m","prompt":"\uD83D\uDE00 \\ud800"}}""")), ""),
        ["depth 64"] = (() => Utf8(Body($"{{\"model\":\"m\",\"a\":{new string('[', 62)}{new string(']', 62)}}}}}")), ""),
        ["depth 65"] = (() => Utf8(Body($"{{\"model\":\"m\",\"a\":{new string('[', 63)}{new string(']', 63)}}}}}")), "invalid_json_line:1"),
        ["depth 1,000 of objects"] = (() => Utf8(string.Concat(Enumerable.Repeat("{\"a\":", 1000))), "invalid_json_line:1"),
        ["depth 100,000"] = (() => Utf8(new string('[', 100_000)), "invalid_json_line:1"),
        ["1e400"] = (() => Utf8(Body("""{"model":"m","temperature":1e400,"n":-0.0E-999}}""")), ""),
        ["NaN"] = (() => Utf8(Body("""{"model":"m","temperature":NaN}}""")), "invalid_json_line:1"),
        ["leading zero"] = (() => Utf8(Body("""{"model":"m","n":01}}""")), "invalid_json_line:1"),
        ["comment"] = (() => Utf8(Line("a") + "// x"), "invalid_json_line:1"),
        ["trailing comma"] = (() => Utf8(Body("""{"model":"m",}}""")), "invalid_json_line:1"),
        ["two objects on a line"] = (() => Utf8(Line("a") + Line("b")), "invalid_json_line:1"),
        ["an array of rows"] = (() => Utf8($"[{Line("a")},{Line("b")}]"), "invalid_json_line:1"),
        ["a string"] = (() => Utf8("\"x\""), "invalid_json_line:1"),
        ["cut at 99 %"] = (() => Utf8($"{Line("a")}\n{Line("b")}")[..^2], "invalid_json_line:2"),
        ["duplicate field"] = (() => Utf8("""{"custom_id":"a","custom_id":"b","method":"POST","body":{"model":"m"}}"""), "invalid_json_line:1"),
        ["duplicate field, spelled otherwise"] = (() => Utf8("""{"custom_id":"a","custom\u005fid":"b","method":"POST","body":{"model":"m"}}"""), "invalid_json_line:1"),
        ["duplicate key in the body"] = (() => Utf8(Body("""{"model":"m","n":1,"n":1}}""")), "invalid_json_line:1"),
        ["duplicate key deep in the body"] = (() => Utf8(Body("""{"model":"m","a":[{"b":{"c":1,"\u0063":2}}]}}""")), "invalid_json_line:1"),
        ["duplicate empty key"] = (() => Utf8(Body("""{"model":"m","":1,"":2}}""")), "invalid_json_line:1"),
        ["the same key in different objects"] = (() => Utf8(Body("""{"model":"m","a":{"model":1,"b":{"model":2}},"c":[{"a":1},{"a":1}]}}""")), ""),
        ["300 keys, the first is the last"] = (() => Utf8(Body($"{{\"model\":\"m\",{Keys(300)},\"k0\":1}}}}")), "invalid_json_line:1"),
        ["a million different keys"] = (() => Utf8(Body($"{{\"model\":\"m\",{Keys(1_000_000)}}}}}")[..^2] + "}}"), "line_too_long:1"),
        ["700,000 different keys"] = (() => Utf8(Body($"{{\"model\":\"m\",{Keys(700_000)}}}}}")), ""),
        ["700,000 keys and one twice"] = (() => Utf8(Body($"{{\"model\":\"m\",{Keys(700_000)},\"k\\u0031\":1}}}}")), "invalid_json_line:1"),
        ["unknown field"] = (() => Utf8("""{"custom_id":"a","method":"POST","body":{"model":"m"},"priority":1,"x":{"y":1}}"""), "unknown_parameter:1:priority"),
        ["unknown field with a name to be shown nowhere"] = (() => Utf8($$"""{"custom_id":"a","method":"POST","body":{"model":"m"},"<b>\r\n{{new string('x', 1000)}}":1}"""), $"unknown_parameter:1:?b??r?n{new string('x', 57)}"),
        ["nothing in it"] = (() => Utf8("{}"), "missing_required_parameter:1:custom_id, missing_required_parameter:1:method, missing_required_parameter:1:body"),
        ["all null"] = (() => Utf8("""{"custom_id":null,"method":null,"url":null,"body":null}"""), "missing_required_parameter:1:custom_id, missing_required_parameter:1:method, missing_required_parameter:1:body"),
        ["custom_id a number"] = (() => Utf8("""{"custom_id":1,"method":"POST","body":{"model":"m"}}"""), "invalid_json_line:1:custom_id"),
        ["custom_id empty"] = (() => Utf8(Line("")), "invalid_json_line:1:custom_id"),
        ["custom_id of 512 bytes"] = (() => Utf8(Line(new string('é', 256))), ""),
        ["custom_id of 513 bytes"] = (() => Utf8(Line(new string('é', 256) + "x")), "invalid_json_line:1:custom_id"),
        ["custom_id of 512 bytes, escaped"] = (() => Utf8(Line(string.Concat(Enumerable.Repeat(@"\u0041", 512)))), ""),
        ["custom_id of 513 bytes, escaped"] = (() => Utf8(Line(string.Concat(Enumerable.Repeat(@"\u0041", 513)))), "invalid_json_line:1:custom_id"),
        ["custom_id that is a path"] = (() => Utf8(Line("../../x")), ""),
        ["custom_id with line ends"] = (() => Utf8(Line(@"a\r\nb")), ""),
        ["duplicate custom_id"] = (() => Utf8($"{Line("a")}\n{Line("b")}\n\n{Line("a")}\n{Line("a")}"), "duplicate_custom_id:4:custom_id, duplicate_custom_id:5:custom_id"),
        ["duplicate custom_id, spelled otherwise"] = (() => Utf8($"{Line(@"\u0061/\u00e9")}\n{Line("aé")}\n{Line(@"a\/é")}"), "duplicate_custom_id:3:custom_id"),
        ["duplicate custom_id behind a byte order mark"] = (() => [.. Lines.ByteOrderMark, .. Utf8($"{Line("a")}\n{Line("a")}")], "duplicate_custom_id:2:custom_id"),
        ["custom_ids that differ in case"] = (() => Utf8($"{Line("a")}\n{Line("A")}"), ""),
        ["method GET"] = (() => Utf8(Line("a").Replace("POST", "GET")), "invalid_method:1:method"),
        ["method post"] = (() => Utf8(Line("a").Replace("POST", "post")), "invalid_method:1:method"),
        ["method a list"] = (() => Utf8(Line("a").Replace("\"POST\"", "[\"POST\"]")), "invalid_method:1:method"),
        ["no url"] = (() => Utf8(Body("""{"model":"m"}}""")), ""),
        ["another url"] = (() => Utf8(Line("a").Replace("completions", "completions/")), "url_mismatch:1:url"),
        ["body a list"] = (() => Utf8(Body("[]}")), "invalid_json_line:1:body"),
        ["body a string"] = (() => Utf8(Body("\"{}\"}")), "invalid_json_line:1:body"),
        ["no model"] = (() => Utf8(Body("""{"messages":[{"model":"m"}]}}""")), "missing_required_parameter:1:body.model"),
        ["model null"] = (() => Utf8(Body("""{"model":null}}""")), "missing_required_parameter:1:body.model"),
        ["model a number"] = (() => Utf8(Body("""{"model":5}}""")), "invalid_json_line:1:body.model"),
        ["model empty"] = (() => Utf8(Line("a", model: "")), "invalid_json_line:1:body.model"),
        ["model unknown"] = (() => Utf8($"{Line("a")}\n{Line("b", "no-such")}\n{Line("c", "no-such")}"), "model_not_found:2:body.model, model_not_found:3:body.model"),
        ["model of a megabyte"] = (() => Utf8(Line("a", new string('m', MiB))), "model_not_found:1:body.model"),
        ["stream true"] = (() => Utf8(Body("""{"model":"m","strea\u006d":true}}""")), "streaming_not_supported:1:body.stream"),
        ["stream false, and true where it means nothing"] = (() => Utf8(Body("""{"model":"m","stream":false,"x":{"stream":true}}}""")), ""),
        ["everything wrong at once"] = (
            () => Utf8("""{"custom_id":"","method":"GET","url":"/","body":{"model":"no-such","stream":true},"x":1}"""),
            "unknown_parameter:1:x, invalid_json_line:1:custom_id, invalid_method:1:method, url_mismatch:1:url, streaming_not_supported:1:body.stream, model_not_found:1:body.model"),
        ["a line of 10 MiB"] = (() => Utf8(Padded("a", 10 * MiB) + "\r\n" + Line("b")), ""),
        ["a line of 10 MiB behind a byte order mark"] = (() => [.. Lines.ByteOrderMark, .. Utf8(Padded("a", 10 * MiB)), (byte)'\r'], ""),
        ["a line of 10 MiB + 1"] = (() => Utf8($"{Line("a")}\n{Padded("b", (10 * MiB) + 1)}\n{Line("c")}"), "line_too_long:2"),
        ["a last line of 10 MiB + 1"] = (() => Utf8(Padded("a", (10 * MiB) + 1)), "line_too_long:1"),
        ["50 rows"] = (() => Utf8(string.Join('\n', Enumerable.Range(0, 50).Select(i => Line($"{i}")))), ""),
        ["51 rows"] = (() => Utf8(string.Join('\n', Enumerable.Range(0, 51).Select(i => Line($"{i}")))), "too_many_tasks"),
        ["a bad row and too many"] = (() => Utf8("{}}\n" + string.Join('\n', Enumerable.Range(0, 50).Select(i => Line($"{i}")))), "invalid_json_line:1, too_many_tasks"),
        ["zip"] = (() => [.. "PK"u8, 3, 4, 20, 0, 0, 0, 8, 0, .. Utf8("a.jsonl")], "invalid_json_line:1"),
        ["gzip"] = (() => [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3], "invalid_utf8:1"),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_file_has_its_faults(string name)
    {
        var (file, faults) = Cases[name];

        var report = await ValidateAsync(file(), Limits);

        Assert.Equal(faults, Faults(report));
        Assert.Equal(faults.Length == 0, !report.Shards.IsEmpty);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task However_the_bytes_arrive_the_report_is_the_same(string name)
    {
        var file = Cases[name].File();
        int[] chunks = file.Length < 100_000 ? [1, 2, 3, 7, 64] : [65_537];
        var expected = Describe(await ValidateAsync(file, Limits));

        foreach (var chunk in chunks)
        {
            Assert.Equal(expected, Describe(await ValidateAsync(file, Limits, chunk)));
        }
    }

    [Fact]
    public async Task No_more_than_100_faults_are_reported_and_they_are_the_first()
    {
        var file = Utf8(string.Concat(Enumerable.Repeat("{}}\n", 1000)));

        var report = await ValidateAsync(file, new ValidationLimits { MaxRows = 500 });

        Assert.Equal(Enumerable.Range(1, 100), report.Faults.Select(fault => fault.Line!.Value));
    }

    [Fact]
    public async Task A_packed_file_is_refused_before_it_is_read_to_its_end()
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            var content = new byte[4 * MiB];
            new Random(7).NextBytes(content);
            gzip.Write(content);
        }

        var report = await ValidateAsync(packed.ToArray(), new ValidationLimits());

        Assert.Equal(100, report.Faults.Length);
        Assert.All(report.Faults, fault => Assert.True(fault.Code is "invalid_utf8" or "invalid_json_line"));
        Assert.InRange(report.Rows, 100, 200);
    }

    [Fact]
    public async Task A_line_without_end_is_not_kept_in_memory()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();

        var report = await RequestFileValidator.ValidateAsync(
            (_, _, _) => Task.FromResult<Stream?>(new EndlessLine(1024L * MiB)), RequestLineGen.Endpoint, Limits, new KnownModels(),
            TestContext.Current.CancellationToken);

        Assert.Equal("line_too_long:1", Faults(report));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * MiB);
    }

    [Fact]
    public async Task No_message_shows_what_is_in_the_file()
    {
        var secret = "S3CRET";
        var file = Utf8(string.Join('\n', [
            $"{secret}", $"{{\"{secret}", $"{{\"custom_id\":\"{secret}\",\"method\":\"{secret}\",\"url\":\"{secret}\",\"body\":\"{secret}\"}}",
            Line(secret), Line(secret), Body($"{{\"model\":\"no-{secret}\",\"stream\":true,\"prompt\":\"{secret}\\ud800\"}}}}"), Line("x") + secret]));

        var report = await ValidateAsync(file);

        Assert.True(report.Faults.Length >= 7);
        Assert.DoesNotContain(secret, Describe(report));
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>A line up to its body.</summary>
    private static string Body(string rest) => $$"""{"custom_id":"a","method":"POST","body":{{rest}}""";

    private static string Keys(int count) => string.Join(',', Enumerable.Range(0, count).Select(i => $"\"k{i}\":1"));

    private static string Padded(string id, int length)
    {
        var line = Line(id);
        return line[..^3] + '"' + new string('x', length - line.Length - 2) + '"' + line[^3..];
    }

    /// <summary>As many letters as told, and no line feed.</summary>
    private sealed class EndlessLine(long length) : MemoryStream
    {
        private long _left = length;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = (int)Math.Min(buffer.Length, _left);
            buffer.Span[..count].Fill((byte)'x');
            _left -= count;
            return ValueTask.FromResult(count);
        }
    }
}
