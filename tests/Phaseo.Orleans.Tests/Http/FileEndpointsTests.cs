using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Http;

public sealed partial class FileEndpointsTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    [Fact]
    public async Task An_upload_is_answered_with_the_file_object()
    {
        using var response = await silo.Client.PostFormAsync("/v1/files", new Form().Part("purpose").File("rows.jsonl", "{}\n{}"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var text = await response.TextAsync();
        using var json = JsonDocument.Parse(text);
        Assert.Equal(2_592_000, json.Number("expires_at") - json.Number("created_at"));
        Golden.Check("file", Scrubbed(text));
    }

    [Fact]
    public async Task A_file_lives_as_long_as_it_was_asked_to()
    {
        using var file = await silo.Client.PostFormAsync("/v1/files", new Form()
            .Part("file").Part("purpose").Field("expires_after[anchor]", "created_at").Field("expires_after[seconds]", "3600")).JsonAsync();

        Assert.Equal(3600, file.Number("expires_at") - file.Number("created_at"));
    }

    [Fact]
    public async Task A_file_is_read_listed_and_deleted_under_its_id()
    {
        var id = await silo.Client.UploadAsync("{}");

        using var read = await silo.Client.GetAsync($"/v1/files/{id}", Cancellation).JsonAsync();
        using var deleted = await silo.Client.DeleteAsync($"/v1/files/{id}", Cancellation).JsonAsync();

        Assert.Equal(id, read.Text("id"));
        Assert.Equal($$"""{"id":"{{id}}","object":"file","deleted":true}""", deleted.RootElement.GetRawText());
        Assert.Equal(HttpStatusCode.NotFound, (await silo.Client.GetAsync($"/v1/files/{id}", Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await silo.Client.GetAsync($"/v1/files/{id}/content", Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await silo.Client.DeleteAsync($"/v1/files/{id}", Cancellation)).StatusCode);
        Assert.DoesNotContain(id, await silo.Client.GetStringAsync("/v1/files", Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lists_are_paged_in_either_order()
    {
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            ids.Add(await silo.Client.UploadAsync("{\"page\":" + i + "}"));
        }

        using var newest = await silo.Client.GetAsync("/v1/files?limit=2", Cancellation).JsonAsync();
        using var older = await silo.Client.GetAsync($"/v1/files?limit=1&after={ids[1]}", Cancellation).JsonAsync();
        using var oldest = await silo.Client.GetAsync($"/v1/files?order=asc&after={ids[0]}&purpose=batch", Cancellation).JsonAsync();
        using var outputs = await silo.Client.GetAsync("/v1/files?purpose=batch_output", Cancellation).JsonAsync();

        Assert.Equal([ids[2], ids[1]], newest.Ids());
        Assert.True(newest.RootElement.GetProperty("has_more").GetBoolean());
        Assert.Equal(ids[2], newest.Text("first_id"));
        Assert.Equal(ids[1], newest.Text("last_id"));
        Assert.Equal([ids[0]], older.Ids());
        Assert.Equal([ids[1], ids[2]], oldest.Ids());
        Assert.False(oldest.RootElement.GetProperty("has_more").GetBoolean());
        Golden.Check("list_empty", outputs.RootElement.GetRawText());
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=10001", "limit")]
    [InlineData("limit=ten", "limit")]
    [InlineData("limit=1&limit=2", "limit")]
    [InlineData("order=up", "order")]
    [InlineData("purpose=fine-tune", "purpose")]
    [InlineData("after=../x", "after")]
    public async Task A_list_refuses_what_it_does_not_understand(string query, string param)
    {
        using var response = await silo.Client.GetAsync($"/v1/files?{query}", Cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        using var json = await response.JsonAsync();
        Assert.Equal(param, json.Error("param"));
    }

    [Fact]
    public async Task Content_is_given_whole_as_a_download()
    {
        var id = await silo.Client.UploadAsync("0123456789", "zä\"hlen.jsonl");

        using var response = await silo.Client.GetAsync($"/v1/files/{id}/content", Cancellation);

        Assert.Equal("0123456789", await response.TextAsync());
        Assert.Equal(10, response.Content.Headers.ContentLength);
        Assert.Equal("application/octet-stream", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("zä\"hlen.jsonl", response.Content.Headers.ContentDisposition!.FileNameStar);
        Assert.Equal("bytes", response.Headers.AcceptRanges.Single());
    }

    [Theory]
    [InlineData("bytes=2-4", "234", "bytes 2-4/10")]
    [InlineData("bytes=8-", "89", "bytes 8-9/10")]
    [InlineData("bytes=-1", "9", "bytes 9-9/10")]
    public async Task A_range_of_the_content_is_given(string range, string bytes, string contentRange)
    {
        var id = await silo.Client.UploadAsync("0123456789");

        using var response = await silo.Client.GetRangeAsync($"/v1/files/{id}/content", range);

        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        Assert.Equal(bytes, await response.TextAsync());
        Assert.Equal(contentRange, response.Content.Headers.ContentRange!.ToString());
    }

    [Fact]
    public async Task A_range_outside_the_content_is_416_and_says_the_length()
    {
        var id = await silo.Client.UploadAsync("0123456789");

        using var response = await silo.Client.GetRangeAsync($"/v1/files/{id}/content", "bytes=10-");

        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, response.StatusCode);
        Assert.Equal("bytes */10", response.Content.Headers.ContentRange!.ToString());
        using var json = await response.JsonAsync();
        Assert.Equal("invalid_range", json.Error("code"));
    }

    [Fact]
    public async Task An_empty_file_is_a_file()
    {
        var id = await silo.Client.UploadAsync("");

        Assert.Equal("", await silo.Client.GetStringAsync($"/v1/files/{id}/content", Cancellation));
    }

    [Fact]
    public async Task The_same_key_and_form_give_the_first_file_again_and_another_form_is_refused()
    {
        var form = new Form().Part("purpose").File("a.jsonl", "{\"n\":1}");

        using var first = await silo.Client.PostFormAsync("/v1/files", form, ("Idempotency-Key", "files-1"));
        using var again = await silo.Client.PostFormAsync("/v1/files", form, ("Idempotency-Key", "files-1"));
        using var other = await silo.Client.PostFormAsync(
            "/v1/files", new Form().Part("purpose").File("a.jsonl", "{\"n\":2}"), ("Idempotency-Key", "files-1"));

        Assert.False(first.Headers.Contains("Idempotent-Replayed"));
        Assert.Equal("true", again.Headers.GetValues("Idempotent-Replayed").Single());
        Assert.Equal(await first.TextAsync(), await again.TextAsync());
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.StatusCode);
    }

    [Fact]
    public async Task A_retry_of_a_library_gives_the_first_file_again_and_a_second_upload_a_second_one()
    {
        var form = new Form().Part("purpose").File("a.jsonl", "{\"n\":3}");

        using var first = await silo.Client.PostFormAsync("/v1/files", form, ("X-Stainless-Retry-Count", "0")).JsonAsync();
        using var retry = await silo.Client.PostFormAsync("/v1/files", form, ("X-Stainless-Retry-Count", "1")).JsonAsync();
        using var second = await silo.Client.PostFormAsync("/v1/files", form, ("X-Stainless-Retry-Count", "0")).JsonAsync();

        Assert.Equal(first.Text("id"), retry.Text("id"));
        Assert.NotEqual(first.Text("id"), second.Text("id"));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static string Scrubbed(string json) => Ids().Replace(Times().Replace(json, "$1 0"), "file-ID");

    [GeneratedRegex("file-[0-9a-z]{26}")]
    private static partial Regex Ids();

    [GeneratedRegex("(\"[a-z_]+_at\":)[0-9]+")]
    private static partial Regex Times();
}
