using System.Globalization;
using System.Text;
using Phaseo.Orleans.Files;

namespace Phaseo.Orleans.Tests.Files;

/// <summary>Runs the validator over bytes in memory.</summary>
internal static class ValidationTestBed
{
    /// <summary>A valid line.</summary>
    public static string Line(string id, string model = "m") =>
        $$$"""{"custom_id":"{{{id}}}","method":"POST","url":"/v1/chat/completions","body":{"model":"{{{model}}}","messages":[]}}""";

    /// <summary>Validates a file whose stream gives at most <paramref name="chunk"/> bytes at a time.</summary>
    public static Task<ValidationReport> ValidateAsync(
        byte[] file,
        ValidationLimits? limits = null,
        int chunk = int.MaxValue,
        IModelCheck? models = null,
        int hashBits = 64,
        string endpoint = RequestLineGen.Endpoint) =>
        RequestFileValidator.ValidateAsync(
            (offset, length, _) => Task.FromResult<Stream?>(new ChunkedStream(
                new MemoryStream(file, (int)offset, (int)Math.Min(length ?? int.MaxValue, file.Length - offset)), chunk)),
            endpoint,
            limits ?? new ValidationLimits(),
            models ?? new KnownModels(),
            new CustomIdIndex(hashBits),
            TestContext.Current.CancellationToken);

    /// <summary>The faults as text: <c>code:line:param</c>.</summary>
    public static string Faults(ValidationReport report) => string.Join(", ", report.Faults.Select(
        fault => string.Create(CultureInfo.InvariantCulture, $"{fault.Code}:{fault.Line}:{fault.Param}").TrimEnd(':')));

    /// <summary>The whole report as text, so that reports can be compared.</summary>
    public static string Describe(ValidationReport report) => string.Join('\n',
        [$"{report.Rows} rows, model {report.Model}", .. report.Faults.Select(fault => fault.ToString()), .. report.Shards.Select(shard => shard.ToString())]);

    /// <summary>A catalog that has every model but those that start with <c>no-</c>, and counts what it is asked.</summary>
    public sealed class KnownModels : IModelCheck
    {
        /// <summary>What was asked, as <c>model provider</c>.</summary>
        public List<string> Asked { get; } = [];

        public async ValueTask<LineFault?> CheckAsync(string model, ReadOnlyMemory<byte> providerJson, CancellationToken cancellation)
        {
            await Task.Yield();
            Asked.Add($"{model} {Encoding.UTF8.GetString(providerJson.Span)}");
            return model.StartsWith("no-", StringComparison.Ordinal) ? new LineFault("model_not_found", "Unknown.", "body.model", null) : null;
        }
    }

    /// <summary>Gives at most so many bytes at a time, forward only.</summary>
    public sealed class ChunkedStream(Stream inner, int chunk) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            inner.ReadAsync(buffer[..Math.Min(buffer.Length, chunk)], cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
