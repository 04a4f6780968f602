using System.Net;
using System.Text.Json;
using Phaseo.Orleans.Batches;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Http;

public sealed class BatchEndpointsTests(BatchEndpointsTests.Silo silo) : IClassFixture<BatchEndpointsTests.Silo>
{
    private const string Fast = "sim/echo-small";
    private const string Slow = "sim/slow";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private HttpClient Client => silo.Client;

    [Fact]
    public async Task A_batch_goes_from_its_file_to_its_results()
    {
        var input = await Client.UploadAsync(EngineSilo.Rows(3, Fast));

        using var created = await CreateAsync(input);
        using var done = await UntilAsync(created.Text("id")!, "completed");

        Assert.Equal("validating", created.Text("status"));
        Assert.Equal(86_400, created.Number("expires_at") - created.Number("created_at"));
        Assert.Equal(3, done.RootElement.GetProperty("request_counts").GetProperty("completed").GetInt32());
        Assert.Equal(100, done.Number("progress"));
        Assert.Null(done.Text("error_file_id"));
        Assert.Null(done.Text("cancel_url"));
        var output = await Client.GetStringAsync($"/v1/files/{done.Text("output_file_id")}/content", Cancellation);
        Assert.Equal(["row-0", "row-1", "row-2"], CustomIds(output));
        Assert.Equal(output, await Client.GetStringAsync($"/v1/batches/{created.Text("id")}/results", Cancellation));
    }

    [Fact]
    public async Task The_create_shows_what_was_asked_and_the_request_that_asked()
    {
        var input = await Client.UploadAsync(EngineSilo.Rows(1, Slow));

        using var response = await Client.PostJsonAsync("/v1/batches", Body(
            input, ",\"completion_window\":\"2d\",\"metadata\":{\"z\":\"1\",\"a\":\"2\"},\"session_id\":\"s-1\""));
        using var batch = await response.JsonAsync();

        Assert.Equal("2d", batch.Text("completion_window"));
        Assert.Equal(172_800, batch.Number("expires_at") - batch.Number("created_at"));
        Assert.Equal("{\"z\":\"1\",\"a\":\"2\"}", batch.RootElement.GetProperty("metadata").GetRawText());
        Assert.Equal("s-1", batch.Text("session_id"));
        Assert.Equal(response.Headers.GetValues("x-request-id").Single(), batch.Text("request_id"));
        Assert.Equal($"/v1/batches/{batch.Text("id")}", batch.Text("polling_url"));
    }

    [Fact]
    public async Task A_file_that_is_not_there_and_one_that_is_deleted_are_refused_alike()
    {
        var deleted = await Client.UploadAsync("{}");
        await Client.DeleteAsync($"/v1/files/{deleted}", Cancellation);

        using var gone = await Client.PostJsonAsync("/v1/batches", Body(deleted));
        using var never = await Client.PostJsonAsync("/v1/batches", Body("file-01hzy0000000000000000000aa"));
        using var nonsense = await Client.PostJsonAsync("/v1/batches", Body("../secret"));

        Assert.Equal(HttpStatusCode.BadRequest, gone.StatusCode);
        Assert.Equal(await never.TextAsync(), await gone.TextAsync());
        Assert.Equal(await never.TextAsync(), await nonsense.TextAsync());
        using var json = await gone.JsonAsync();
        Assert.Equal("input_file_id", json.Error("param"));
    }

    [Fact]
    public async Task An_output_file_is_no_input()
    {
        using var created = await CreateAsync(await Client.UploadAsync(EngineSilo.Rows(1, Fast)));
        using var done = await UntilAsync(created.Text("id")!, "completed");

        using var response = await Client.PostJsonAsync("/v1/batches", Body(done.Text("output_file_id")!));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task A_file_that_does_not_validate_fails_the_batch_and_names_the_line()
    {
        using var created = await CreateAsync(await Client.UploadAsync(EngineSilo.Rows(1, Fast) + "{oops\n"));
        using var failed = await UntilAsync(created.Text("id")!, "failed");

        var error = failed.RootElement.GetProperty("errors").GetProperty("data")[0];
        Assert.Equal("invalid_json_line", error.GetProperty("code").GetString());
        Assert.Equal(2, error.GetProperty("line").GetInt32());
        Assert.Equal(0, failed.RootElement.GetProperty("request_counts").GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task An_unchanged_batch_is_not_sent_again()
    {
        using var created = await CreateAsync(await Client.UploadAsync(EngineSilo.Rows(1, Fast)));
        var path = $"/v1/batches/{created.Text("id")}";
        using var done = await UntilAsync(created.Text("id")!, "completed");
        // What a batch does after its end (references, index) is saved too, and each save raises the version.
        var etag = await Patience.UntilAsync("304", async () =>
        {
            using var first = await Client.GetAsync(path, Cancellation);
            using var same = await GetIfNoneMatchAsync(path, first.Headers.ETag!.ToString());
            using var any = await GetIfNoneMatchAsync(path, $"W/\"other\", {first.Headers.ETag}");
            return (same.StatusCode, any.StatusCode) == (HttpStatusCode.NotModified, HttpStatusCode.NotModified)
                ? same.Headers.ETag
                : null;
        });
        using var other = await GetIfNoneMatchAsync(path, "W/\"other\"");

        Assert.True(etag.IsWeak);
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task A_cancel_is_shown_at_once_and_may_be_repeated()
    {
        using var created = await CreateAsync(await Client.UploadAsync(EngineSilo.Rows(2, Slow)));
        using var running = await UntilAsync(created.Text("id")!, "in_progress");
        var path = $"/v1/batches/{created.Text("id")}/cancel";

        using var cancelling = await Client.PostAsync(path, null, Cancellation).JsonAsync();
        using var cancelled = await UntilAsync(created.Text("id")!, "cancelled");
        using var again = await Client.PostAsync(path, null, Cancellation).JsonAsync();

        Assert.Equal("cancelling", cancelling.Text("status"));
        Assert.Equal("cancelled", again.Text("status"));
        Assert.Equal(2, cancelled.RootElement.GetProperty("request_counts").GetProperty("failed").GetInt32());
        var errors = await Client.GetStringAsync($"/v1/files/{cancelled.Text("error_file_id")}/content", Cancellation);
        Assert.Equal(2, errors.Split("batch_cancelled").Length - 1);
    }

    [Fact]
    public async Task A_completed_batch_cannot_be_cancelled()
    {
        using var created = await CreateAsync(await Client.UploadAsync(EngineSilo.Rows(1, Fast)));
        using var done = await UntilAsync(created.Text("id")!, "completed");

        using var response = await Client.PostAsync($"/v1/batches/{created.Text("id")}/cancel", null, Cancellation);
        using var json = await response.JsonAsync();

        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Equal("false", response.Headers.GetValues("x-should-retry").Single());
        Assert.Equal("Cannot cancel a batch with status 'completed'.", json.Error("message"));
    }

    [Fact]
    public async Task Lists_are_filtered_and_paged_newest_first()
    {
        var input = await Client.UploadAsync(EngineSilo.Rows(1, Fast));
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            using var created = await CreateAsync(input, $",\"session_id\":\"list\",\"metadata\":{{\"n\":\"{i}\",\"all\":\"y\"}}");
            ids.Add(created.Text("id")!);
            (await UntilAsync(ids[i], "completed")).Dispose();
        }

        using var page = await ListAsync("session_id=list&limit=2");
        using var rest = await ListAsync($"session_id=list&limit=2&after={ids[1]}");
        using var pair = await ListAsync("metadata[n]=1&metadata[all]=y&session_id=list");
        using var none = await ListAsync("session_id=list&metadata[n]=1&metadata[all]=n");
        using var completed = await ListAsync("session_id=list&status=failed&status=completed");
        using var running = await ListAsync("session_id=list&status=in_progress");

        Assert.Equal([ids[2], ids[1]], page.Ids());
        Assert.True(page.RootElement.GetProperty("has_more").GetBoolean());
        Assert.Equal(ids[1], page.Text("last_id"));
        Assert.Equal([ids[0]], rest.Ids());
        Assert.False(rest.RootElement.GetProperty("has_more").GetBoolean());
        Assert.Equal([ids[1]], pair.Ids());
        Assert.Empty(none.Ids());
        Assert.Equal(3, completed.Ids().Count());
        Assert.Empty(running.Ids());
    }

    [Fact]
    public async Task A_batch_looks_the_same_in_a_list_and_alone()
    {
        using var created = await CreateAsync(await Client.UploadAsync(EngineSilo.Rows(1, Fast)), ",\"session_id\":\"alone\"");
        using var done = await UntilAsync(created.Text("id")!, "completed");

        using var list = await ListAsync("session_id=alone");

        Assert.Equal(done.RootElement.GetRawText(), list.RootElement.GetProperty("data")[0].GetRawText());
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=101", "limit")]
    [InlineData("after=batch_1", "after")]
    [InlineData("status=abandoned", "status")]
    [InlineData("status=completed&status=nonsense", "status")]
    [InlineData("session_id=a&session_id=b", "session_id")]
    [InlineData("metadata[a]=1&metadata[a]=2", "metadata[a]")]
    public async Task A_list_refuses_what_it_does_not_understand(string query, string param)
    {
        using var response = await Client.GetAsync($"/v1/batches?{query}", Cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        using var json = await response.JsonAsync();
        Assert.Equal(param, json.Error("param"));
    }

    [Fact]
    public async Task Results_are_read_page_by_page_and_none_is_skipped_or_repeated()
    {
        using var created = await CreateAsync(await Client.UploadAsync(EngineSilo.Rows(5, Fast)));
        using var done = await UntilAsync(created.Text("id")!, "completed");

        var seen = new List<string?>();
        var (afterLine, pages, incomplete) = ("0", 0, "true");
        while (incomplete == "true")
        {
            using var page = await Client.GetAsync($"/v1/batches/{created.Text("id")}/results?limit=2&after_line={afterLine}", Cancellation);
            seen.AddRange(CustomIds(await page.TextAsync()));
            afterLine = page.Headers.GetValues("X-Last-Line").Single();
            incomplete = page.Headers.GetValues("X-Incomplete").Single();
            Assert.InRange(++pages, 1, 4);
        }

        Assert.Equal(["row-0", "row-1", "row-2", "row-3", "row-4"], seen);
        Assert.Equal("5", afterLine);
    }

    [Fact]
    public async Task Results_of_a_running_batch_stop_at_the_first_row_without_one()
    {
        var input = EngineSilo.Rows(2, Fast) + "\n" + Row("slow", Slow) + Row("last", Fast);
        using var created = await CreateAsync(await Client.UploadAsync(input));
        var path = $"/v1/batches/{created.Text("id")}/results";

        var text = await Patience.UntilAsync("second result", async () =>
        {
            using var page = await Client.GetAsync(path, Cancellation);
            Assert.Equal("true", page.Headers.GetValues("X-Incomplete").Single());
            return page.Headers.GetValues("X-Last-Line").Single() == "2" ? await page.TextAsync() : null;
        });

        Assert.Equal(["row-0", "row-1"], CustomIds(text));
    }

    [Fact]
    public async Task A_page_of_results_is_bounded_in_bytes_too_and_has_at_least_one_row()
    {
        using var created = await CreateAsync(await Client.UploadAsync(EngineSilo.Rows(2, Fast)));
        using var done = await UntilAsync(created.Text("id")!, "completed");

        var pages = new List<ResultsPage?>();
        for (var afterLine = 0; afterLine <= 2; afterLine++)
        {
            pages.Add(await silo.Get<BatchResults>().ReadAsync("default", created.Text("id")!, afterLine, 100, maxBytes: 1, Cancellation));
        }

        Assert.Equal([(1, false), (1, false), (0, true)], pages.Select(page => (page!.Lines.Length, page.IsComplete)));
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=10001")]
    [InlineData("after_line=-1")]
    public async Task Results_have_bounds(string query)
    {
        using var response = await Client.GetAsync($"/v1/batches/batch_01hzy0000000000000000000aa/results?{query}", Cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("POST", "/cancel")]
    [InlineData("GET", "/results")]
    public async Task A_batch_that_never_was_is_404(string method, string tail)
    {
        foreach (var id in new[] { "batch_01hzy0000000000000000000aa", "nonsense", "..%2F..%2Fx", new string('x', 2000) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Parse(method), $"/v1/batches/{id}{tail}");
            using var response = await Client.SendAsync(request, Cancellation);

            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }
    }

    [Fact]
    public async Task The_same_key_and_body_give_the_first_answer_again_and_another_body_is_refused()
    {
        var input = await Client.UploadAsync(EngineSilo.Rows(1, Fast));

        using var first = await Client.PostJsonAsync("/v1/batches", Body(input), ("Idempotency-Key", "batch-1"));
        var text = await first.TextAsync();
        using var parsed = JsonDocument.Parse(text);
        using var done = await UntilAsync(parsed.Text("id")!, "completed");
        using var again = await Client.PostJsonAsync("/v1/batches", Body(input), ("Idempotency-Key", "batch-1"));
        using var other = await Client.PostJsonAsync("/v1/batches", Body(input, ",\"session_id\":\"x\""), ("Idempotency-Key", "batch-1"));

        Assert.Equal("true", again.Headers.GetValues("Idempotent-Replayed").Single());
        Assert.Equal(text, await again.TextAsync());
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.StatusCode);
    }

    [Fact]
    public async Task A_retry_of_a_library_gives_the_first_batch_again_and_a_second_create_a_second_one()
    {
        var body = Body(await Client.UploadAsync(EngineSilo.Rows(1, Fast)));

        using var first = await Client.PostJsonAsync("/v1/batches", body, ("X-Stainless-Retry-Count", "0")).JsonAsync();
        using var retry = await Client.PostJsonAsync("/v1/batches", body, ("X-Stainless-Retry-Count", "1")).JsonAsync();
        using var second = await Client.PostJsonAsync("/v1/batches", body, ("X-Stainless-Retry-Count", "0")).JsonAsync();

        Assert.Equal(first.Text("id"), retry.Text("id"));
        Assert.NotEqual(first.Text("id"), second.Text("id"));
    }

    [Fact]
    public async Task An_idempotency_key_has_a_greatest_length()
    {
        var body = Body(await Client.UploadAsync(EngineSilo.Rows(1, Slow)));

        using var longest = await Client.PostJsonAsync("/v1/batches", body, ("Idempotency-Key", new string('k', 255)));
        using var longer = await Client.PostJsonAsync("/v1/batches", body, ("Idempotency-Key", new string('k', 256)));

        Assert.Equal(HttpStatusCode.OK, longest.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, longer.StatusCode);
    }

    private static string Body(string input, string more = "") =>
        $"{{\"input_file_id\":\"{input}\",\"endpoint\":\"/v1/chat/completions\"{more}}}";

    private static string Row(string id, string model) => EngineSilo.Rows(1, model).Replace("row-0", id, StringComparison.Ordinal);

    private static IEnumerable<string?> CustomIds(string jsonl)
    {
        foreach (var line in jsonl.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using var json = JsonDocument.Parse(line);
            yield return json.Text("custom_id");
        }
    }

    private async Task<JsonDocument> CreateAsync(string input, string more = "")
    {
        using var response = await Client.PostJsonAsync("/v1/batches", Body(input, more));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.JsonAsync();
    }

    private Task<JsonDocument> ListAsync(string query) => Client.GetAsync($"/v1/batches?{query}", Cancellation).JsonAsync();

    private async Task<HttpResponseMessage> GetIfNoneMatchAsync(string path, string etags)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("If-None-Match", etags);
        return await Client.SendAsync(request, Cancellation);
    }

    private Task<JsonDocument> UntilAsync(string id, string status) => Patience.UntilAsync($"{status} {id}", async () =>
    {
        var batch = await Client.GetAsync($"/v1/batches/{id}", Cancellation).JsonAsync();
        if (batch.Text("status") == status)
        {
            return batch;
        }

        batch.Dispose();
        return null;
    });

    public sealed class Silo : SiloFixture
    {
        protected override string[] Arguments => ["--Batches:CancelGrace=00:00:00.1"];
    }
}
