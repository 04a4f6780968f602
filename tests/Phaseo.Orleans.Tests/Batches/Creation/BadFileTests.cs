using Phaseo.Orleans.Batches.Creation;
using Phaseo.Orleans.Tests.Claims;

namespace Phaseo.Orleans.Tests.Batches.Creation;

/// <summary>A batch of a file that may not be used.</summary>
[Collection(ClaimTests.Name)]
public sealed class BadFileTests(ClaimCluster cluster)
{
    private readonly CreationScene _scene = new(cluster);

    [Theory]
    [InlineData("unknown")]
    [InlineData("foreign")]
    [InlineData("deleted")]
    [InlineData("expired")]
    [InlineData("an output")]
    [InlineData("no id")]
    [InlineData("a path")]
    public async Task Unusable_file_is_refused_and_nothing_stays(string kind)
    {
        var result = await _scene.CreateAsync(RequestFor(FileOf(kind)));

        Assert.IsType<BatchCreation.BadFile>(result);
        _scene.AssertNothing();
        Assert.Empty(_scene.Batches.States);
        Assert.Empty(_scene.Stores.Claims);
    }

    [Fact]
    public async Task File_that_was_deleted_before_it_was_held_is_refused()
    {
        var pause = _scene.PauseBefore("reference");
        var create = _scene.CreateAsync();
        await pause.Arrived;

        await DeleteFileAsync();
        pause.Continue();

        Assert.IsType<BatchCreation.BadFile>(await create);
        _scene.AssertNothing();
    }

    [Fact]
    public async Task Refusal_is_not_kept_under_the_key()
    {
        await _scene.CreateAsync(RequestFor(FileOf("unknown")));

        var batch = await _scene.CreatedAsync(_scene.Request(bodyHash: "body-2"));

        _scene.AssertOnly(batch);
    }

    [Fact]
    public async Task Refusal_that_dies_before_it_released_the_file_leaves_nothing_in_the_end()
    {
        var request = RequestFor(FileOf("unknown"));
        _scene.DieBefore("remove reference");
        await Assert.ThrowsAnyAsync<Exception>(() => _scene.CreateAsync(request));
        _scene.Restart();
        Assert.Single(_scene.Stores.References);

        await _scene.CleanUpLaterAsync();

        _scene.AssertNothing();
    }

    [Fact]
    public async Task Refusal_after_a_takeover_stops_the_former_holder_too()
    {
        var pause = _scene.PauseBefore("open");
        var slow = _scene.CreateAsync();
        await pause.Arrived;
        await DeleteFileAsync();
        _scene.Clock.Advance(TimeSpan.FromSeconds(60));

        var fast = await _scene.CreateAsync();
        pause.Continue();

        Assert.IsType<BatchCreation.BadFile>(fast);
        Assert.IsType<BatchCreation.InProgress>(await slow);
        _scene.AssertNothing();
        Assert.IsType<BatchCreation.BadFile>(await _scene.CreateAsync());
    }

    [Fact]
    public async Task Former_holder_does_not_release_the_file_of_the_one_that_found_it_in_time()
    {
        var pause = _scene.PauseBefore("reference");
        var slow = _scene.CreateAsync();
        await pause.Arrived;
        _scene.Clock.Advance(TimeSpan.FromSeconds(60));
        var batch = await _scene.CreatedAsync();
        await DeleteFileAsync();

        pause.Continue();

        Assert.IsType<BatchCreation.InProgress>(await slow);
        _scene.AssertOnly(batch);
    }

    [Fact]
    public async Task Refusal_that_comes_too_late_gives_the_batch()
    {
        var slowAtState = _scene.PauseBefore("state");
        var slow = _scene.CreateAsync();
        await slowAtState.Arrived;
        await DeleteFileAsync();
        _scene.Clock.Advance(TimeSpan.FromSeconds(60));
        var fastAtAbandon = _scene.PauseBefore("abandon");
        var fast = _scene.CreateAsync();
        await fastAtAbandon.Arrived;

        slowAtState.Continue();
        var first = Assert.IsType<BatchCreation.Created>(await slow);
        fastAtAbandon.Continue();
        var second = Assert.IsType<BatchCreation.Created>(await fast);

        Assert.Equal((first.Batch.Id, true), (second.Batch.Id, second.IsReplay));
        _scene.AssertOnly(first.Batch);
    }

    private CreateBatch RequestFor(string fileId)
    {
        var request = _scene.Request();
        return request with { Request = request.Request with { InputFileId = fileId } };
    }

    private string FileOf(string kind) => kind switch
    {
        "unknown" => Ids.NewFile(_scene.Clock.GetUtcNow()),
        "foreign" => _scene.AddFile(file => file with { Workspace = "ws-other" }),
        "deleted" => _scene.AddFile(file => file with { Hidden = true }),
        "expired" => _scene.AddFile(file => file with { ExpiresAt = _scene.Clock.GetUtcNow() }),
        "an output" => _scene.AddFile(file => file with { Purpose = "batch_output" }),
        "no id" => "file-1",
        "a path" => "../../etc/passwd",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such kind of file."),
    };

    private Task<bool> DeleteFileAsync() =>
        _scene.Stores.HideAsync(_scene.Workspace, _scene.FileId, TestContext.Current.CancellationToken);
}
