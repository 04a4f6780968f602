using Azure;
using Azure.Data.Tables;
using Orleans.Storage;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.AzureStorage;

public sealed class TableGrainStorageTests(Azurite azurite)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_state_never_written_reads_as_new_without_etag()
    {
        var scene = await CreateAsync();

        var state = await scene.ReadAsync();

        Assert.Equal("", state.State!.Text);
        Assert.Null(state.ETag);
        Assert.False(state.RecordExists);
    }

    [Fact]
    public async Task A_written_state_is_read_with_its_etag()
    {
        var scene = await CreateAsync();

        var written = await scene.WriteAsync("hello");
        var read = await scene.ReadAsync();

        Assert.True(written.RecordExists);
        Assert.Equal((await scene.RowAsync()).ETag.ToString(), written.ETag);
        Assert.Equal(("hello", written.ETag, true), (read.State!.Text, read.ETag, read.RecordExists));
    }

    [Fact]
    public async Task Each_write_gives_a_new_etag()
    {
        var scene = await CreateAsync();
        var state = await scene.WriteAsync("one");
        var first = state.ETag;

        state.State!.Text = "two";
        await scene.Storage.WriteStateAsync(StateScene.State, StateScene.Grain, state);

        Assert.NotEqual(first, state.ETag);
        Assert.Equal("two", (await scene.ReadAsync()).State!.Text);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task A_write_without_etag_does_not_overwrite(string? etag)
    {
        var scene = await CreateAsync();
        await scene.WriteAsync("first");

        await AssertInconsistentAsync(etag, () => scene.WriteAsync("second", etag));

        Assert.Equal("first", (await scene.ReadAsync()).State!.Text);
    }

    [Fact]
    public async Task A_write_with_a_stale_etag_is_refused_and_changes_nothing()
    {
        var scene = await CreateAsync();
        var stale = (await scene.WriteAsync("one")).ETag;
        var state = new GrainState<TextState>(new TextState { Text = "two" }, stale);
        await scene.Storage.WriteStateAsync(StateScene.State, StateScene.Grain, state);
        var late = new GrainState<TextState>(new TextState { Text = "late" }, stale);

        await AssertInconsistentAsync(stale, () => scene.Storage.WriteStateAsync(StateScene.State, StateScene.Grain, late));

        Assert.Equal(stale, late.ETag);
        Assert.Equal("two", (await scene.ReadAsync()).State!.Text);
    }

    [Fact]
    public async Task A_write_over_a_row_that_is_gone_is_refused()
    {
        var scene = await CreateAsync();
        var state = await scene.WriteAsync("one");
        await scene.Table.DeleteEntityAsync(await scene.RowAsync(), cancellationToken: Token);

        await AssertInconsistentAsync(state.ETag, () => scene.Storage.WriteStateAsync(StateScene.State, StateScene.Grain, state));
    }

    [Fact]
    public async Task The_refusal_names_the_state_and_keeps_the_cause()
    {
        var scene = await CreateAsync();
        await scene.WriteAsync("first");

        var refusal = await Assert.ThrowsAsync<TableStorageUpdateConditionNotSatisfiedException>(() => scene.WriteAsync("second"));

        Assert.Equal("Unknown", refusal.StoredEtag);
        Assert.Equal((StateScene.State, "ping/k21665", scene.Table.Name), (refusal.GrainType, refusal.GrainId, refusal.TableName));
        Assert.IsType<RequestFailedException>(refusal.InnerException);
        Assert.DoesNotContain("second", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Something_that_is_no_etag_is_refused_like_a_stale_one(bool deletes)
    {
        var scene = await CreateAsync(deletes);
        await scene.WriteAsync("one");
        var state = new GrainState<TextState>(new TextState(), "no etag at all");

        await AssertInconsistentAsync(state.ETag, () => scene.Storage.WriteStateAsync(StateScene.State, StateScene.Grain, state));
        await AssertInconsistentAsync(state.ETag, () => scene.Storage.ClearStateAsync(StateScene.State, StateScene.Grain, state));

        Assert.Equal("one", (await scene.ReadAsync()).State!.Text);
    }

    [Fact]
    public async Task A_missing_table_is_an_outage_and_no_conflict()
    {
        var scene = await CreateAsync();
        await scene.Table.DeleteAsync(Token);

        var failure = await Assert.ThrowsAsync<RequestFailedException>(() => scene.WriteAsync("hello"));

        Assert.Equal(404, failure.Status);
    }

    [Fact]
    public async Task Clearing_leaves_an_empty_row_whose_etag_the_next_write_needs()
    {
        var scene = await CreateAsync();
        var state = await scene.WriteAsync("one");

        await scene.Storage.ClearStateAsync(StateScene.State, StateScene.Grain, state);

        Assert.Equal(("", false), (state.State!.Text, state.RecordExists));
        Assert.DoesNotContain("Data", (await scene.RowAsync()).Keys);
        var read = await scene.ReadAsync();
        Assert.Equal(("", state.ETag, false), (read.State!.Text, read.ETag, read.RecordExists));
        await AssertInconsistentAsync(null, () => scene.WriteAsync("two"));
        await scene.WriteAsync("two", state.ETag);
        Assert.Equal("two", (await scene.ReadAsync()).State!.Text);
    }

    [Fact]
    public async Task Clearing_what_was_never_written_adds_an_empty_row()
    {
        var scene = await CreateAsync();
        var state = new GrainState<TextState>(new TextState());

        await scene.Storage.ClearStateAsync(StateScene.State, StateScene.Grain, state);

        Assert.Equal((await scene.RowAsync()).ETag.ToString(), state.ETag);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Clearing_with_a_stale_etag_is_refused_and_changes_nothing(bool deletes)
    {
        var scene = await CreateAsync(deletes);
        var stale = (await scene.WriteAsync("one")).ETag;
        await scene.WriteAsync("two", stale);
        var late = new GrainState<TextState>(new TextState { Text = "late" }, stale) { RecordExists = true };

        await AssertInconsistentAsync(stale, () => scene.Storage.ClearStateAsync(StateScene.State, StateScene.Grain, late));

        Assert.Equal(("late", stale, true), (late.State!.Text, late.ETag, late.RecordExists));
        Assert.Equal("two", (await scene.ReadAsync()).State!.Text);
    }

    [Fact]
    public async Task Clearing_deletes_the_row_if_so_configured()
    {
        var scene = await CreateAsync(deletes: true);
        var state = await scene.WriteAsync("one");

        await scene.Storage.ClearStateAsync(StateScene.State, StateScene.Grain, state);

        Assert.Equal(("", null, false), (state.State!.Text, state.ETag, state.RecordExists));
        Assert.Empty(await scene.Table.QueryAsync<TableEntity>(cancellationToken: Token).ToListAsync(Token));
        await scene.WriteAsync("two", state.ETag);
    }

    [Fact]
    public async Task Clearing_without_etag_deletes_nothing()
    {
        var scene = await CreateAsync(deletes: true);
        await scene.WriteAsync("one");
        var state = new GrainState<TextState>(new TextState { Text = "other" });

        await scene.Storage.ClearStateAsync(StateScene.State, StateScene.Grain, state);

        Assert.Equal(("", null, false), (state.State!.Text, state.ETag, state.RecordExists));
        Assert.Equal("one", (await scene.ReadAsync()).State!.Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_state_of_many_columns_comes_back_and_shrinks_again(bool asText)
    {
        var scene = await StateScene.CreateAsync(await azurite.AccountAsync(), options => options.UseStringFormat = asText);
        var large = string.Concat(Enumerable.Range(0, 50_000).Select(number => $"{number:x7}"));
        var state = await scene.WriteAsync(large);
        Assert.Equal(large, (await scene.ReadAsync()).State!.Text);

        await scene.WriteAsync("small", state.ETag);

        Assert.Equal("small", (await scene.ReadAsync()).State!.Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Both_forms_are_read_whichever_is_written(bool asText)
    {
        var scene = await StateScene.CreateAsync(await azurite.AccountAsync(), options => options.UseStringFormat = asText);
        var row = new TableEntity("killtest_ping_k21665", StateScene.State);
        StateColumns.Write(row, new BinaryData("other form"), !asText);
        await scene.Table.AddEntityAsync(row, Token);

        Assert.Equal("other form", (await scene.ReadAsync()).State!.Text);
    }

    [Fact]
    public async Task States_of_other_grains_names_and_services_are_apart()
    {
        var account = await azurite.AccountAsync();
        var scene = await StateScene.CreateAsync(account);
        var other = await StateScene.CreateAsync(account, options => options.TableName = scene.Table.Name, serviceId: "other");
        await scene.WriteAsync("ours");

        await other.WriteAsync("theirs");
        await scene.Storage.WriteStateAsync("t", StateScene.Grain, new GrainState<TextState>(new TextState { Text = "t" }));
        await scene.Storage.WriteStateAsync(
            StateScene.State, GrainId.Create("ping", "2"), new GrainState<TextState>(new TextState { Text = "2" }));

        Assert.Equal("ours", (await scene.ReadAsync()).State!.Text);
        Assert.Equal("theirs", (await other.ReadAsync()).State!.Text);
    }

    [Theory]
    [InlineData("read")]
    [InlineData("write")]
    [InlineData("clear")]
    public async Task Cancelling_ends_the_call_to_the_service(string what)
    {
        var calls = new EndlessCalls();
        var scene = await StateScene.CreateAsync(await azurite.AccountAsync(), calls: calls);
        var state = new GrainState<TextState>(new TextState());

        await EndlessCalls.CheckAsync(calls, token => what switch
        {
            "read" => scene.Storage.ReadStateAsync(StateScene.State, StateScene.Grain, state, token),
            "write" => scene.Storage.WriteStateAsync(StateScene.State, StateScene.Grain, state, token),
            _ => scene.Storage.ClearStateAsync(StateScene.State, StateScene.Grain, state, token),
        });
    }

    private static async Task AssertInconsistentAsync(string? etag, Func<Task> act)
    {
        var refusal = await Assert.ThrowsAnyAsync<InconsistentStateException>(act);
        Assert.Equal(etag ?? "", refusal.CurrentEtag);
    }

    private async Task<StateScene> CreateAsync(bool deletes = false) =>
        await StateScene.CreateAsync(await azurite.AccountAsync(), options => options.DeleteStateOnClear = deletes);
}
