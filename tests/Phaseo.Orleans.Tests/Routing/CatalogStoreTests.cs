using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Phaseo.Orleans.Routing;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Routing;

public sealed class CatalogStoreTests : IDisposable
{
    private const string Good = """{"providers":[{"id":"one","kind":"simulator"}],"offers":[]}""";
    private const string Other = """{"providers":[{"id":"two","kind":"simulator"}],"offers":[]}""";
    private const string Bad = """{"providers":[{"id":"three","kind":"magic"}],"offers":[],"x":1}""";

    private readonly TempFolder _folder = new();
    private readonly CatalogOptions _options = new();

    public CatalogStoreTests() => _options.Path = Path.Combine(_folder.Path, "catalog.json");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Without_a_path_the_catalog_that_ships_is_in_force()
    {
        _options.Path = null;

        var store = Store();

        Assert.NotNull(store.Current.FindProvider("SIMULATOR"));
    }

    [Fact]
    public void A_bad_file_at_the_start_names_every_error()
    {
        Write(Bad);

        var failure = Assert.Throws<InvalidCatalogException>(Store);

        Assert.Equal(2, failure.Errors.Length);
        Assert.All(failure.Errors, error => Assert.Contains(error, failure.Message, StringComparison.Ordinal));
        Assert.Contains(_options.Path!, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_at_the_start_is_a_failure_too()
    {
        Assert.Throws<InvalidCatalogException>(Store);
    }

    [Fact]
    public async Task A_changed_file_comes_into_force_whole()
    {
        Write(Good);
        var store = Store();
        var before = store.Current;

        Write(Other);
        await store.RefreshAsync(TestContext.Current.CancellationToken);

        Assert.Equal("two", store.Current.Providers.Single().Id);
        Assert.NotEqual(before.Version, store.Current.Version);
        Assert.Equal("one", before.Providers.Single().Id);
    }

    [Fact]
    public async Task An_unchanged_file_keeps_the_same_instance()
    {
        Write(Good);
        var store = Store();
        var before = store.Current;

        Write(Good);
        await store.RefreshAsync(TestContext.Current.CancellationToken);

        Assert.Same(before, store.Current);
    }

    [Theory]
    [InlineData(Bad)]
    [InlineData("")]
    [InlineData(null)]
    public async Task A_bad_or_missing_file_leaves_the_old_catalog_until_it_is_good_again(string? content)
    {
        Write(Good);
        var store = Store();
        var before = store.Current;

        Write(content);
        await store.RefreshAsync(TestContext.Current.CancellationToken);
        Assert.Same(before, store.Current);
        Write(Other);
        await store.RefreshAsync(TestContext.Current.CancellationToken);

        Assert.Equal("two", store.Current.Providers.Single().Id);
    }

    [Fact]
    public async Task A_refused_file_that_is_put_back_keeps_the_same_instance()
    {
        Write(Good);
        var store = Store();
        var before = store.Current;

        Write(Bad);
        await store.RefreshAsync(TestContext.Current.CancellationToken);
        Write(Good);
        await store.RefreshAsync(TestContext.Current.CancellationToken);

        Assert.Same(before, store.Current);
    }

    [Fact]
    public async Task The_watcher_looks_at_every_interval()
    {
        Write(Good);
        var clock = new FakeTimeProvider();
        var store = Store();
        using var watcher = new CatalogWatcher(store, Options.Create(_options), clock, NullLogger<CatalogWatcher>.Instance);
        await watcher.StartAsync(TestContext.Current.CancellationToken);

        Write(Other);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (store.Current.Providers.Single().Id != "two")
        {
            limit.Token.ThrowIfCancellationRequested();
            clock.Advance(_options.PollInterval);
            await Task.Yield();
        }

        await watcher.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_host_with_a_bad_catalog_does_not_start()
    {
        Write(Bad);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging().AddPhaseoRouting().Configure<CatalogOptions>(options => options.Path = _options.Path);
        using var host = builder.Build();

        await Assert.ThrowsAsync<InvalidCatalogException>(() => host.StartAsync(TestContext.Current.CancellationToken));
    }

    private CatalogStore Store() => new(Options.Create(_options), NullLogger<CatalogStore>.Instance);

    private void Write(string? content)
    {
        if (content is null)
        {
            File.Delete(_options.Path!);
            return;
        }

        File.WriteAllText(_options.Path!, content);
    }
}
