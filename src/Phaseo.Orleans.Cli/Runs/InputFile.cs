using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text.Json;

namespace Phaseo.Orleans.Cli.Runs;

/// <summary>What is known of an input before it is sent.</summary>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">The hash of its content, lower-case hex.</param>
/// <param name="Url">The first row's <c>url</c>, or null.</param>
internal sealed record InputFile(long Bytes, string Sha256, string? Url)
{
    // The contract's bound for a line. A longer one is the server's to refuse, with its number.
    private const int MaxLineBytes = 10 * 1024 * 1024;

    /// <summary>Reads the file once.</summary>
    public static async Task<InputFile> ReadAsync(string path, CancellationToken cancellation)
    {
        await using var file = new FileStream(
            path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
        var url = await ReadFirstUrlAsync(file, cancellation);
        file.Position = 0;
        var hash = await SHA256.HashDataAsync(file, cancellation);
        return new(file.Length, Convert.ToHexStringLower(hash), url);
    }

    private static async Task<string?> ReadFirstUrlAsync(FileStream file, CancellationToken cancellation)
    {
        var pipe = PipeReader.Create(file, new StreamPipeReaderOptions(leaveOpen: true));
        try
        {
            while (true)
            {
                var read = await pipe.ReadAsync(cancellation);
                var rest = read.Buffer;
                while (TakeLine(ref rest, read.IsCompleted) is { } line)
                {
                    if (!IsBlank(line))
                    {
                        return ReadUrl(line);
                    }
                }

                if (read.IsCompleted || rest.Length > MaxLineBytes)
                {
                    return null;
                }

                pipe.AdvanceTo(rest.Start, rest.End);
            }
        }
        finally
        {
            await pipe.CompleteAsync();
        }
    }

    private static byte[]? TakeLine(ref ReadOnlySequence<byte> rest, bool isLast)
    {
        if (rest.PositionOf((byte)'\n') is { } end)
        {
            var line = rest.Slice(0, end).ToArray();
            rest = rest.Slice(rest.GetPosition(1, end));
            return line;
        }

        if (!isLast || rest.IsEmpty)
        {
            return null;
        }

        var last = rest.ToArray();
        rest = rest.Slice(rest.End);
        return last;
    }

    private static bool IsBlank(ReadOnlySpan<byte> line) => WithoutMark(line).IndexOfAnyExcept(" \t\r"u8) < 0;

    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> line) =>
        line.StartsWith("\uFEFF"u8) ? line["\uFEFF"u8.Length..] : line;

    // A faulty line has no url here; the server says what is wrong with it.
    private static string? ReadUrl(ReadOnlySpan<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(WithoutMark(line));
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isUrl = reader.ValueTextEquals("url"u8);
                reader.Read();
                if (isUrl)
                {
                    return reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                }

                reader.Skip();
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }

        return null;
    }
}
