using System.Text.RegularExpressions;
using Phaseo.Orleans.Testing;
using Phaseo.Orleans.Tests.Crashes;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Observability;

/// <summary>A real silo process does a real batch, and what it tells at <c>/metrics</c> is what client and upstream saw.</summary>
public sealed class ScrapeTests
{
    private static readonly CrashPlan Plan = new() { Rows = 1_200, Calls = 16 };

    [Fact]
    public async Task Metrics_of_a_batch_are_what_client_and_upstream_saw()
    {
        await using var run = await CrashRun.StartAsync(Plan);
        await run.StartSiloAsync();
        await run.SubmitAsync();
        await run.UntilAsync(seen => seen.IsTerminal, "end");
        await run.UntilQuietAsync();

        var seen = run.Last!;
        var metrics = await Scrape.OfAsync(run.Silo.Address);

        Assert.Equal("completed", seen.Status);
        Assert.Equal(seen.Completed, metrics["phaseo_rows_total", "phaseo_row_outcome=\"ok\""]);
        Assert.Equal(seen.Failed, metrics["phaseo_rows_total"] - seen.Completed);
        Assert.Equal(run.Calls.Count, metrics["phaseo_upstream_calls_total", "phaseo_provider=\"echo\""]);
        Assert.Equal(run.Calls.Count, metrics["phaseo_upstream_call_duration_seconds_count", "phaseo_provider=\"echo\""]);
        Assert.Equal(
            run.Calls.Calls.Count(call => call.Fault == EchoFault.Refuse),
            metrics["phaseo_upstream_calls_total", "phaseo_call_outcome=\"refused\""]);
        Assert.True(metrics["phaseo_upstream_call_duration_seconds_sum"] >= run.Calls.Count * Plan.Latency.TotalSeconds * 0.5);
        Assert.Equal(Plan.Shards, metrics["phaseo_shard_starts_total", "phaseo_shard_start=\"first\""]);
        Assert.Equal(Plan.Shards, metrics["phaseo_shard_starts_total"]);
        foreach (var status in (string[])["validating", "in_progress", "finalizing", "completed"])
        {
            Assert.Equal(1, metrics["phaseo_batch_changes_total", $"phaseo_batch_status=\"{status}\""]);
        }

        Assert.Equal(1, metrics["phaseo_batch_validation_duration_seconds_count", "phaseo_validation_outcome=\"valid\""]);
        Assert.Equal(1, metrics["phaseo_batch_duration_seconds_count", "phaseo_batch_status=\"completed\""]);
        Assert.InRange(metrics["phaseo_batch_deadline_margin_seconds_sum"], 86_400 - 600, 86_400);
        Assert.Equal(0, metrics["phaseo_batch_deadline_overrun_seconds_count"]);
        Assert.Equal(0, metrics["phaseo_batch_active"]);
        Assert.Equal(0, metrics["phaseo_batch_rows_pending"]);
        Assert.Equal(0, metrics["phaseo_limiter_in_use"]);
        Assert.Equal(0, metrics["phaseo_journal_fenced_total"]);
        Assert.Equal(0, metrics["phaseo_repairs_total"]);
        Assert.Equal(Plan.Shards, metrics["phaseo_storage_operation_duration_seconds_count", "phaseo_storage_operation=\"journal.create\""]);
        Assert.True(metrics["phaseo_journal_appends_total"] >= Plan.Rows / 64);
        Assert.Equal(0, metrics["phaseo_storage_operation_duration_seconds_count", "error_type="]);
    }

    [Fact]
    public async Task What_is_under_way_is_seen_while_it_is()
    {
        await using var run = await CrashRun.StartAsync(Plan with { Latency = TimeSpan.FromMilliseconds(100), Faults = new() });
        await run.StartSiloAsync();
        await run.SubmitAsync();
        await run.UntilAsync(seen => seen.Completed > 0, "record rows");

        var metrics = await Patience.UntilAsync("batch under way", async () =>
            await Scrape.OfAsync(run.Silo.Address) is var seen && seen["phaseo_batch_active", "phaseo_batch_status=\"in_progress\""] == 1 ? seen : null);

        Assert.InRange(metrics["phaseo_batch_rows_pending"], 1, Plan.Rows - 1);
        Assert.InRange(metrics["phaseo_batch_oldest_age_seconds"], 0.01, 600);
        Assert.InRange(metrics["phaseo_batch_deadline_next_seconds"], 86_400 - 600, 86_400);
        Assert.Equal(Plan.Calls, metrics["phaseo_limiter_places", "phaseo_provider=\"echo\""]);
        Assert.InRange(metrics["phaseo_limiter_in_use", "phaseo_provider=\"echo\""], 0, Plan.Calls);
    }

    [Fact]
    public async Task After_a_crash_what_was_taken_over_is_counted_as_that()
    {
        await using var run = await CrashRun.StartAsync(Plan with { Latency = TimeSpan.FromMilliseconds(100), Faults = new() });
        await run.StartSiloAsync();
        await run.SubmitAsync();
        await run.UntilAsync(seen => seen.Completed > 0, "record rows");
        await run.KillAsync();
        await run.StartSiloAsync();
        await run.UntilAsync(seen => seen.IsTerminal, "end");
        await run.UntilQuietAsync();

        var metrics = await Scrape.OfAsync(run.Silo.Address);

        Assert.InRange(metrics["phaseo_shard_starts_total", "phaseo_shard_start=\"taken_over\""], 1, Plan.Shards);
        Assert.Equal(1, metrics["phaseo_driver_drives_total", "phaseo_drive_reason=\"start\""]);
        Assert.Equal(1, metrics["phaseo_batch_changes_total", "phaseo_batch_status=\"completed\""]);
        Assert.Equal(0, metrics["phaseo_batch_changes_total", "phaseo_batch_status=\"validating\""]);
    }

    [Fact]
    public async Task Series_have_the_names_that_the_document_gives()
    {
        await using var run = await CrashRun.StartAsync(Plan with { Rows = 10, Latency = TimeSpan.Zero, Faults = new() });
        await run.StartSiloAsync();
        await run.SubmitAsync();
        await run.UntilAsync(seen => seen.IsTerminal, "end");
        var document = await File.ReadAllTextAsync(SourceTree.PathOf("docs", "observability.md"), TestContext.Current.CancellationToken);

        var names = (await Scrape.OfAsync(run.Silo.Address)).Names.ToList();

        Assert.NotEmpty(names);
        Assert.All(names, name => Assert.Contains($"`{Regex.Replace(name, "_seconds_(bucket|sum|count)$", "_seconds")}`", document, StringComparison.Ordinal));
    }
}
