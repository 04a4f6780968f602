using Azure;
using Orleans.Storage;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.AzureStorage;

public sealed class BlobGrainStorageTests(Azurite azurite)
{
    private const string Golden = "azure_blobs.txt";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_state_never_written_reads_as_new_without_etag()
    {
        var state = await (await CreateAsync()).ReadAsync();

        Assert.Equal(("", null, false), (state.State!.Text, state.ETag, state.RecordExists));
    }

    [Fact]
    public async Task A_written_state_is_read_with_its_etag()
    {
        var scene = await CreateAsync();

        var written = await scene.WriteAsync("hello");
        var read = await scene.ReadAsync();

        Assert.True(written.RecordExists);
        Assert.NotEmpty(written.ETag!);
        Assert.Equal(("hello", written.ETag, true), (read.State!.Text, read.ETag, read.RecordExists));
    }

    [Fact]
    public async Task Each_write_gives_a_new_etag_and_needs_the_last_one()
    {
        var scene = await CreateAsync();
        var first = (await scene.WriteAsync("one")).ETag;
        var second = (await scene.WriteAsync("two", first)).ETag;

        await AssertInconsistentAsync(first, () => scene.WriteAsync("late", first));
        await AssertInconsistentAsync(null, () => scene.WriteAsync("late"));
        await AssertInconsistentAsync("", () => scene.WriteAsync("late", ""));

        Assert.NotEqual(first, second);
        var read = await scene.ReadAsync();
        Assert.Equal(("two", second), (read.State!.Text, read.ETag));
    }

    [Fact]
    public async Task A_write_over_a_blob_that_is_gone_is_refused()
    {
        var scene = await CreateAsync();
        var etag = (await scene.WriteAsync("one")).ETag;
        await scene.Blob.DeleteAsync(cancellationToken: Token);

        await AssertInconsistentAsync(etag, () => scene.WriteAsync("two", etag));
    }

    [Fact]
    public async Task The_refusal_keeps_the_cause_and_no_content()
    {
        var scene = await CreateAsync();
        await scene.WriteAsync("first");

        var refusal = await Assert.ThrowsAsync<InconsistentStateException>(() => scene.WriteAsync("second"));

        Assert.Equal("Unknown", refusal.StoredEtag);
        Assert.IsType<RequestFailedException>(refusal.InnerException);
        Assert.DoesNotContain("second", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_container_is_made_by_the_next_write_and_reads_as_nothing()
    {
        var scene = await CreateAsync();
        await scene.Container.DeleteAsync(cancellationToken: Token);
        Assert.False((await scene.ReadAsync()).RecordExists);

        await scene.WriteAsync("hello");

        Assert.Equal("hello", (await scene.ReadAsync()).State!.Text);
    }

    [Fact]
    public async Task Clearing_deletes_the_blob()
    {
        var scene = await CreateAsync();
        var state = await scene.WriteAsync("one");

        await ClearAsync(scene, state);

        Assert.Equal(("", null, false), (state.State!.Text, state.ETag, state.RecordExists));
        Assert.False(await scene.Blob.ExistsAsync(Token));
        await scene.WriteAsync("two");
    }

    [Fact]
    public async Task Clearing_leaves_an_empty_blob_if_so_configured_whose_etag_the_next_write_needs()
    {
        var scene = await CreateAsync(deletes: false);
        var state = await scene.WriteAsync("one");

        await ClearAsync(scene, state);

        Assert.Equal(("", false), (state.State!.Text, state.RecordExists));
        var read = await scene.ReadAsync();
        Assert.Equal(("", state.ETag, false), (read.State!.Text, read.ETag, read.RecordExists));
        await AssertInconsistentAsync(null, () => scene.WriteAsync("two"));
        await scene.WriteAsync("two", state.ETag);
        Assert.Equal("two", (await scene.ReadAsync()).State!.Text);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Clearing_with_a_stale_etag_or_none_is_refused_and_changes_nothing(bool deletes)
    {
        var scene = await CreateAsync(deletes);
        var stale = (await scene.WriteAsync("one")).ETag;
        await scene.WriteAsync("two", stale);

        foreach (var etag in new[] { stale, null })
        {
            var late = new GrainState<TextState>(new TextState { Text = "late" }, etag!) { RecordExists = true };
            await AssertInconsistentAsync(etag, () => ClearAsync(scene, late));
            Assert.Equal(("late", etag, true), (late.State!.Text, late.ETag, late.RecordExists));
        }

        Assert.Equal("two", (await scene.ReadAsync()).State!.Text);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Clearing_what_was_never_written_is_no_conflict(bool deletes)
    {
        var scene = await CreateAsync(deletes);
        var state = new GrainState<TextState>(new TextState { Text = "x" });

        await ClearAsync(scene, state);

        Assert.Equal(("", deletes), (state.State!.Text, state.ETag is null));
    }

    [Fact]
    public async Task A_serializer_by_streams_is_used_by_streams()
    {
        var scene = await BlobScene.CreateAsync(await azurite.AccountAsync(), serializer: new StreamedStates());

        await scene.WriteAsync("streamed ü");

        Assert.Equal("streamed ü", (await scene.ReadAsync()).State!.Text);
        Assert.Equal("streamed ü", (await scene.Blob.DownloadContentAsync(Token)).Value.Content.ToString());
    }

    [Fact]
    public async Task Blobs_are_stored_as_the_golden_has_them()
    {
        var scene = await CreateAsync(deletes: false);
        await scene.WriteAsync("""{"N":1}""");
        var cleared = new GrainState<TextState>(new TextState());
        await scene.Storage.WriteStateAsync("a b", GrainId.Create("ping", "x#y?z ü%"), cleared);
        await scene.Storage.ClearStateAsync("a b", GrainId.Create("ping", "x#y?z ü%"), cleared);

        StoredGolden.Check(Golden, await scene.DumpAsync());
    }

    [Fact]
    public async Task A_blob_that_somebody_else_wrote_is_read()
    {
        var scene = await CreateAsync();
        await scene.Blob.UploadAsync(new BinaryData("by hand"), Token);

        var read = await scene.ReadAsync();

        Assert.Equal(("by hand", true), (read.State!.Text, read.RecordExists));
        await scene.WriteAsync("ours", read.ETag);
    }

    [Theory]
    [InlineData("read", true)]
    [InlineData("write", true)]
    [InlineData("clear", true)]
    [InlineData("clear", false)]
    public async Task Cancelling_ends_the_call_to_the_service(string what, bool deletes)
    {
        var calls = new EndlessCalls();
        var scene = await BlobScene.CreateAsync(await azurite.AccountAsync(), deletes, calls);
        var state = new GrainState<TextState>(new TextState());

        await EndlessCalls.CheckAsync(calls, token => what switch
        {
            "read" => scene.Storage.ReadStateAsync(BlobScene.State, BlobScene.Grain, state, token),
            "write" => scene.Storage.WriteStateAsync(BlobScene.State, BlobScene.Grain, state, token),
            _ => scene.Storage.ClearStateAsync(BlobScene.State, BlobScene.Grain, state, token),
        });
    }

    private static Task ClearAsync(BlobScene scene, GrainState<TextState> state) =>
        scene.Storage.ClearStateAsync(BlobScene.State, BlobScene.Grain, state);

    private static async Task AssertInconsistentAsync(string? etag, Func<Task> act)
    {
        var refusal = await Assert.ThrowsAsync<InconsistentStateException>(act);
        Assert.Equal(etag ?? "", refusal.CurrentEtag);
    }

    private async Task<BlobScene> CreateAsync(bool deletes = true) =>
        await BlobScene.CreateAsync(await azurite.AccountAsync(), deletes);
}
