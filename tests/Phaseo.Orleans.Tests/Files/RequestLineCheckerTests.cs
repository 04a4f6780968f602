using System.Text;
using System.Text.Json;
using CsCheck;
using Phaseo.Orleans.Files;

namespace Phaseo.Orleans.Tests.Files;

public sealed class RequestLineCheckerTests
{
    [Fact]
    public void Validation_and_dispatch_find_the_same_parts() => RequestLineGen.Bytes.Sample(line =>
    {
        var faults = new FaultList(100);

        var parts = new RequestLineChecker(RequestLineGen.Endpoint, 64, faults).Check(line, 1);

        Assert.Empty(faults.ToImmutable());
        Assert.Equal(RequestLineReader.Read(line), parts);
    });

    [Fact]
    public void What_no_parser_takes_is_one_fault_and_nothing_else() =>
        Gen.Select(RequestLineGen.Bytes, Gen.Select(Gen.Int[0, 1000], Damage).Array[0, 3]).Sample((line, damages) =>
        {
            foreach (var (at, damage) in damages)
            {
                line = damage(line, at % line.Length);
                if (line.Length == 0)
                {
                    return;
                }
            }

            var faults = new FaultList(100);

            var parts = new RequestLineChecker(RequestLineGen.Endpoint, 64, faults).Check(line, 1);

            var found = faults.ToImmutable();
            if (IsJson(line))
            {
                Assert.DoesNotContain(found, fault => fault is { Code: "invalid_json_line", Param: null } or { Code: "invalid_utf8" });
                Assert.True(found.Length > 0 || parts == RequestLineReader.Read(line));
            }
            else
            {
                Assert.True(Assert.Single(found) is { Code: "invalid_json_line" or "invalid_utf8", Param: null });
                Assert.Equal(default, parts);
            }
        }, iter: 3000);

    private static readonly Gen<Func<byte[], int, byte[]>> Damage = Gen.OneOf<Func<byte[], int, byte[]>>(
        (line, at) => line[..at],
        (line, at) => [.. line[..at], .. line[(at + 1)..]],
        (line, at) => [.. line[..at], .. line[at..], .. line[at..]],
        (line, at) => [.. line[..at], 0x80, .. line[at..]],
        (line, at) => [.. line[..at], (byte)'"', .. line[at..]],
        (line, at) => [.. line[..at], (byte)'\\', .. line[at..]],
        (line, at) => [.. line[..at], (byte)'}', .. line[at..]],
        (line, at) => [.. line[..at], .. "\\ud800"u8, .. line[at..]],
        (line, at) => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(line).Replace("\"debug\"", "\"model\"")),
        (line, at) => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(line).Replace("role", "body")));

    // The framework's own reading: strict UTF-8, no duplicate keys, every string unescapes, the root is an object.
    private static bool IsJson(byte[] line)
    {
        try
        {
            new UTF8Encoding(false, throwOnInvalidBytes: true).GetCharCount(line);
            using var document = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = 64, AllowDuplicateProperties = false });
            ReadStrings(document.RootElement);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or DecoderFallbackException or ArgumentException)
        {
            return false;
        }
    }

    private static void ReadStrings(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                element.GetString();
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                {
                    ReadStrings(item);
                }

                break;
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                {
                    _ = member.Name;
                    ReadStrings(member.Value);
                }

                break;
        }
    }
}
