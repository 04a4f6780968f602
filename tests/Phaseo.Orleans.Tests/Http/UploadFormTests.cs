using System.Text;
using Microsoft.AspNetCore.Http;
using Phaseo.Orleans.Silo.Http;

namespace Phaseo.Orleans.Tests.Http;

public sealed class UploadFormTests
{
    private const int MaxBytes = 1000;

    [Theory]
    [InlineData("file", "purpose")]
    [InlineData("purpose", "file")]
    public async Task The_file_may_stand_before_or_behind_its_fields(string first, string second)
    {
        var (form, refusal, stored) = await ReadAsync(new Form().Part(first).Part(second));

        Assert.Null(refusal);
        Assert.Equal("in.jsonl", form!.Filename);
        Assert.Null(form.ExpiresAfter);
        Assert.Equal("{}\n", stored);
    }

    [Fact]
    public async Task An_expiry_is_read()
    {
        var (form, _, _) = await ReadAsync(Whole().Field("expires_after[seconds]", "3600").Field("expires_after[anchor]", "created_at"));

        Assert.Equal(TimeSpan.FromHours(1), form!.ExpiresAfter);
    }

    [Theory]
    [InlineData("purpose", "fine-tune", "invalid_value", "purpose")]
    [InlineData("purpose", "", "invalid_value", "purpose")]
    [InlineData("color", "red", "unknown_parameter", "color")]
    [InlineData("", "red", "unknown_parameter", "")]
    [InlineData("expires_after[anchor]", "created_at", "missing_required_parameter", "expires_after[seconds]")]
    [InlineData("expires_after[seconds]", "3600", "missing_required_parameter", "expires_after[anchor]")]
    public async Task A_field_that_does_not_fit_is_named(string name, string value, string code, string param)
    {
        var form = new Form().Part("file");
        form = name == "purpose" ? form.Field(name, value) : form.Part("purpose").Field(name, value);

        AssertRefused(await ReadAsync(form), 400, code, param);
    }

    [Theory]
    [InlineData("3599")]
    [InlineData("2592001")]
    [InlineData("1e4")]
    [InlineData("-3600")]
    [InlineData("99999999999999999999")]
    public async Task An_expiry_has_bounds(string seconds)
    {
        var form = Whole().Field("expires_after[anchor]", "created_at").Field("expires_after[seconds]", seconds);

        AssertRefused(await ReadAsync(form), 400, "integer_out_of_range", "expires_after[seconds]");
    }

    [Fact]
    public async Task An_expiry_has_one_anchor() => AssertRefused(
        await ReadAsync(Whole().Field("expires_after[anchor]", "now").Field("expires_after[seconds]", "3600")),
        400, "invalid_value", "expires_after[anchor]");

    [Fact]
    public async Task A_form_without_a_file_or_purpose_is_refused()
    {
        AssertRefused(await ReadAsync(new Form().Part("purpose")), 400, "missing_required_parameter", "file");
        AssertRefused(await ReadAsync(new Form().Part("file")), 400, "missing_required_parameter", "purpose");
        AssertRefused(await ReadAsync(new Form().Field("file", "{}")), 400, "invalid_type", "file");
    }

    [Theory]
    [InlineData("file")]
    [InlineData("purpose")]
    public async Task A_part_may_stand_there_once(string name) =>
        AssertRefused(await ReadAsync(Whole().Part(name)), 400, "duplicate_parameter", name);

    [Fact]
    public async Task A_file_has_a_greatest_size()
    {
        var fits = await ReadAsync(new Form().Part("purpose").File("a", new string('x', MaxBytes)));
        var exceeds = await ReadAsync(new Form().Part("purpose").File("a", new string('x', MaxBytes + 1)));

        Assert.Null(fits.Refusal);
        AssertRefused(exceeds, 413, "file_too_large", "file");
    }

    [Fact]
    public async Task A_body_that_says_it_is_too_large_is_refused_unread()
    {
        var result = await ReadAsync(new Form().File("a", new string('x', 1_000_000)));

        AssertRefused(result, 413, "file_too_large", "file");
        Assert.Equal("", result.Stored);
    }

    [Fact]
    public async Task Fields_parts_and_headers_are_bounded()
    {
        var manyParts = Whole();
        for (var i = 0; i < 10_000; i++)
        {
            manyParts.Raw("");
        }

        AssertRefused(await ReadAsync(manyParts, claimLength: false), 400, "invalid_multipart", null);
        AssertRefused(await ReadAsync(new Form().Field("purpose", new string('b', 1025))), 400, "invalid_value", "purpose");
        await Assert.ThrowsAsync<BadHttpRequestException>(() => ReadAsync(new Form().Raw("x-a: " + new string('b', 9000) + "\r\n")));
        await Assert.ThrowsAsync<BadHttpRequestException>(
            () => ReadAsync(new Form().Raw(string.Concat(Enumerable.Range(0, 20).Select(i => $"x-{i}: b\r\n")))));
    }

    [Fact]
    public async Task A_form_that_ends_early_is_refused_wherever_it_is_cut()
    {
        var whole = Whole().ToBytes();
        var lastBoundary = whole.Length - "--\r\n".Length;

        for (var length = 0; length <= lastBoundary; length++)
        {
            Assert.Equal(400, await StatusAsync(whole[..length]));
        }
    }

    [Theory]
    [InlineData("../../x.jsonl", "x.jsonl")]
    [InlineData("a\\\"b.jsonl", "a\"b.jsonl")]
    [InlineData("", "file")]
    public async Task A_filename_is_made_fit_to_be_shown(string given, string shown)
    {
        var (form, _, _) = await ReadAsync(new Form().Part("purpose").File(given, "{}"));

        Assert.Equal(shown, form!.Filename);
    }

    [Fact]
    public async Task An_encoded_filename_wins_and_brings_no_line_break()
    {
        var (form, _, _) = await ReadAsync(new Form().Part("purpose").Raw(
            "Content-Disposition: form-data; name=file; filename=a; filename*=UTF-8''%C3%A9%0D%0Ab.jsonl\r\n", "{}"));

        Assert.Equal("éb.jsonl", form!.Filename);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("application/json")]
    [InlineData("multipart/form-data")]
    [InlineData("multipart/form-data; boundary=\"\"")]
    [InlineData("multipart/mixed; boundary=x")]
    public async Task What_is_no_form_is_refused(string? contentType)
    {
        var request = new DefaultHttpContext().Request;
        request.ContentType = contentType;

        var (_, refusal) = await UploadForm.ReadAsync(request, MaxBytes, Ignore, TestContext.Current.CancellationToken);

        Assert.Equal(415, refusal!.Status);
    }

    private static ValueTask Ignore(ReadOnlyMemory<byte> bytes, CancellationToken cancellation) => default;

    private static Form Whole() => new Form().Part("file").Part("purpose");

    private static void AssertRefused((UploadForm? Form, Refusal? Refusal, string Stored) result, int status, string code, string? param)
    {
        Assert.Null(result.Form);
        Assert.Equal((status, code, param), (result.Refusal!.Status, result.Refusal.Code, result.Refusal.Param));
    }

    private static Task<(UploadForm? Form, Refusal? Refusal, string Stored)> ReadAsync(Form form, bool claimLength = true) =>
        ReadAsync(form.ToBytes(), claimLength);

    private static async Task<int> StatusAsync(byte[] body)
    {
        try
        {
            var (_, refusal, _) = await ReadAsync(body);
            return refusal?.Status ?? 200;
        }
        catch (BadHttpRequestException e)
        {
            return e.StatusCode;
        }
    }

    private static async Task<(UploadForm? Form, Refusal? Refusal, string Stored)> ReadAsync(byte[] body, bool claimLength = true)
    {
        var request = new DefaultHttpContext().Request;
        request.ContentType = $"multipart/form-data; boundary=\"{Form.Boundary}\"";
        request.ContentLength = claimLength ? body.Length : null;
        request.Body = new MemoryStream(body);
        var stored = new StringBuilder();
        var (form, refusal) = await UploadForm.ReadAsync(
            request,
            MaxBytes,
            (bytes, _) =>
            {
                stored.Append(Encoding.UTF8.GetString(bytes.Span));
                return default;
            },
            TestContext.Current.CancellationToken);
        return (form, refusal, stored.ToString());
    }
}
