using Phaseo.Orleans.Files;
using Phaseo.Orleans.Routing;
using static Phaseo.Orleans.Tests.Files.ValidationTestBed;

namespace Phaseo.Orleans.Tests.Files;

/// <summary>The samples are what their README says, under the catalog that ships.</summary>
public sealed class SamplesTests
{
    [Theory]
    [InlineData("chat.jsonl", "/v1/chat/completions", 40, "sim/echo-small")]
    [InlineData("embeddings.jsonl", "/v1/embeddings", 12, "sim/echo-small")]
    [InlineData("mixed-models.jsonl", "/v1/chat/completions", 8, null)]
    public async Task Good_samples_are_valid(string name, string endpoint, int rows, string? model)
    {
        var report = await ValidateAsync(Sample(name), models: new Shipped(), endpoint: endpoint);

        Assert.Equal("", Faults(report));
        Assert.Equal((rows, model), (report.Rows, report.Model));
    }

    [Fact]
    public async Task The_bad_sample_has_a_fault_on_every_bad_line()
    {
        var report = await ValidateAsync(Sample("bad.jsonl"), models: new Shipped());

        Assert.Equal(
            """
            3 invalid_json_line: This line is not valid JSON: see byte 101.
            4 duplicate_custom_id: The custom_id of line 4 is also that of line 1.
            5 invalid_method: The field method must be POST.
            6 url_mismatch: The field url must be the batch's endpoint, /v1/chat/completions.
            7 missing_required_parameter: The field custom_id is required.
            7 missing_required_parameter: The field body.model is required.
            8 model_not_found: Not in the catalog.
            9 streaming_not_supported: A row's answer cannot be streamed: leave out body.stream.
            10 unknown_parameter: A line has no field 'priority'; its fields are custom_id, method, url and body.
            11 invalid_json_line: An object in this line has the key 'temperature' twice.
            12 invalid_json_line: This line escapes one half of a surrogate pair without the other.
            """,
            string.Join('\n', report.Faults.Select(fault => $"{fault.Line} {fault.Code}: {fault.Message}")));
    }

    private static byte[] Sample(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "samples", name));

    private sealed class Shipped : IModelCheck
    {
        private readonly Catalog _catalog = CatalogFile.Parse(CatalogFile.ReadDefault()).Catalog!;

        public ValueTask<LineFault?> CheckAsync(string model, ReadOnlyMemory<byte> providerJson, CancellationToken cancellation) =>
            ValueTask.FromResult(_catalog.Resolve(model).Model is null ? new LineFault("model_not_found", "Not in the catalog.", "body.model", null) : null);
    }
}
