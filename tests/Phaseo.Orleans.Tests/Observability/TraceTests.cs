using System.Diagnostics;
using System.Text.Json;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Observability;

/// <summary>A batch's spans, from the request that created it to its last row, are one tree.</summary>
public sealed class TraceTests
{
    [Fact]
    public async Task All_spans_of_a_batch_hang_below_the_request_that_created_it()
    {
        using var seen = new SeenSpans();
        await using var scene = new TraceScene();
        await scene.StartAsync(TimeSpan.Zero, rowSpanShare: 1);
        var id = await scene.CreateAsync();
        await scene.UntilAsync(id, "completed batch", IsCompleted);
        var spans = await EndedAsync(seen, id);

        var batch = Assert.Single(spans, span => span.OperationName == "batch");
        var created = seen.Find(batch.TraceId, batch.ParentSpanId)!;
        Assert.Equal(ActivityKind.Server, created.Kind);
        Assert.Equal(
            ["batch", "batch.complete_files", "batch.empty_outbox", "batch.validate", "shard.run"],
            spans.Where(span => span.ParentSpanId == created.SpanId).Select(span => span.OperationName).Order(StringComparer.Ordinal));
        var run = Assert.Single(spans, span => span.OperationName == "shard.run");
        Assert.Equal(
            ["row.call", "shard.stage"],
            spans.Where(span => span.ParentSpanId == run.SpanId).Select(span => span.OperationName).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(Enumerable.Range(0, TraceScene.Rows), spans.Select(span => span.GetTagItem("phaseo.row")).OfType<int>().Order());
        Assert.Equal("first", run.GetTagItem("phaseo.shard.start"));
        Assert.Equal("sealed", run.GetTagItem("phaseo.shard.end"));
        Assert.All(spans, span => Assert.Equal((created.TraceId, TraceScene.Session), (span.TraceId, span.GetTagItem("session.id"))));
        Assert.All(spans, span => Assert.Empty(span.Links));
        Assert.True(batch.Duration >= run.Duration);
    }

    [Fact]
    public async Task What_goes_on_after_a_restart_is_in_the_same_trace_and_links_to_its_beginning()
    {
        using var seen = new SeenSpans();
        await using var scene = new TraceScene();
        await scene.StartAsync(TimeSpan.FromMinutes(10), rowSpanShare: 0);
        var id = await scene.CreateAsync();
        await scene.UntilAsync(id, "running batch", batch => batch.GetProperty("status").GetString() == "in_progress");
        await Patience.UntilAsync("validated batch", () => seen.Of(id).Count > 0);
        await scene.StopAsync();
        await scene.StartAsync(TimeSpan.Zero, rowSpanShare: 0);
        await scene.UntilAsync(id, "completed batch", IsCompleted);
        var spans = await EndedAsync(seen, id);

        var batch = Assert.Single(spans, span => span.OperationName == "batch");
        var created = (batch.TraceId, batch.ParentSpanId);
        Assert.All(spans, span => Assert.Equal(created, (span.TraceId, RootOf(span, spans))));
        var resumed = Assert.Single(spans, span => span.OperationName == "batch.resume");
        var second = Assert.Single(spans, span => span.OperationName == "shard.run" && span.GetTagItem("phaseo.shard.epoch") is > 1L);
        foreach (var span in (Activity[])[resumed, second])
        {
            var link = Assert.Single(span.Links);
            Assert.Equal(created, (link.Context.TraceId, link.Context.SpanId));
        }

        Assert.Equal("resumed", second.GetTagItem("phaseo.shard.start"));
        Assert.DoesNotContain(spans, span => span.OperationName == "row.call");
    }

    [Fact]
    public async Task No_span_holds_a_prompt_or_a_row_s_name()
    {
        using var seen = new SeenSpans();
        await using var scene = new TraceScene();
        await scene.StartAsync(TimeSpan.Zero, rowSpanShare: 0.5);
        var id = await scene.CreateAsync();
        await scene.UntilAsync(id, "completed batch", IsCompleted);

        var spans = await EndedAsync(seen, id);

        Assert.InRange(spans.Count(span => span.OperationName == "row.call"), 1, TraceScene.Rows - 1);
        var values = spans.SelectMany(span => span.TagObjects).Select(tag => tag.Value?.ToString() ?? "").Concat(spans.Select(span => span.DisplayName));
        Assert.All(values, value =>
        {
            Assert.DoesNotContain(TraceScene.Prompt, value, StringComparison.Ordinal);
            Assert.DoesNotContain("row-", value, StringComparison.Ordinal);
        });
    }

    private static bool IsCompleted(JsonElement batch) => batch.GetProperty("status").GetString() == "completed";

    // The outbox is emptied after the batch is seen to have completed.
    private static async Task<IReadOnlyList<Activity>> EndedAsync(SeenSpans seen, string id)
    {
        await Patience.UntilAsync("end of the outbox", () => seen.Of(id).Any(span => span.OperationName == "batch.empty_outbox"));
        await Patience.UntilAsync("end of the last run", () => seen.Of(id).Any(span => span.GetTagItem("phaseo.shard.end") is "sealed"));
        return seen.Of(id);
    }

    private static ActivitySpanId RootOf(Activity span, IReadOnlyList<Activity> spans) =>
        spans.FirstOrDefault(one => one.SpanId == span.ParentSpanId) is { } parent ? RootOf(parent, spans) : span.ParentSpanId;
}
