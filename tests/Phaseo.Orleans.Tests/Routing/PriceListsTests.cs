using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Phaseo.Orleans.Billing;
using Phaseo.Orleans.Routing;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Routing;

public sealed class PriceListsTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly TempFolder _folder = new();
    private readonly MemoryBlobs _blobs = new();
    private readonly CatalogStore _catalogs;
    private readonly PriceLists _lists;

    public PriceListsTests()
    {
        Write(("p", "1"), ("q", "2"));
        var options = Options.Create(new CatalogOptions { Path = Path.Combine(_folder.Path, "catalog.json") });
        _catalogs = new CatalogStore(options, NullLogger<CatalogStore>.Instance);
        _lists = NewLists();
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Prices_in_force_are_stored_once()
    {
        var puts = 0;
        _blobs.OnPut = _ => Task.FromResult(puts++);

        var name = await _lists.KeepAsync(None);
        var again = await _lists.KeepAsync(None);

        Assert.Equal(name, again);
        Assert.Equal(1, puts);
        Assert.Equal(BlobNames.Prices(name), Assert.Single(_blobs.Names));
    }

    [Fact]
    public async Task Catalog_at_its_own_prices_is_itself()
    {
        var name = await _lists.KeepAsync(None);

        Assert.Same(_catalogs.Current, _lists.Find(_catalogs.Current, name));
        Assert.Same(_catalogs.Current, _lists.Find(_catalogs.Current, null));
    }

    [Fact]
    public async Task Change_that_moves_no_price_makes_no_list()
    {
        var before = await _lists.KeepAsync(None);

        await ChangeAsync(("q", "2"), ("p", "1"));

        Assert.Equal(before, await _lists.KeepAsync(None));
        Assert.Same(_catalogs.Current, _lists.Find(_catalogs.Current, before));
    }

    [Fact]
    public async Task Old_prices_are_read_by_a_process_that_never_had_them()
    {
        var then = await _lists.KeepAsync(None);
        await ChangeAsync(("p", "10"), ("new", "3"));

        var catalog = await NewLists().AtAsync(_catalogs.Current, then);

        Assert.Equal("p 1, new 3", Prices(catalog));
        Assert.Equal("p 10, new 3", Prices(_catalogs.Current));
        Assert.True(catalog.IsRepriced);
    }

    [Fact]
    public async Task Catalog_at_old_prices_is_made_once_for_each_catalog()
    {
        var then = await _lists.KeepAsync(None);
        await ChangeAsync(("p", "10"));
        var first = await _lists.AtAsync(_catalogs.Current, then);

        Assert.Same(first, _lists.Find(_catalogs.Current, then));
        await ChangeAsync(("p", "11"), ("q", "11"));

        Assert.Null(_lists.Find(_catalogs.Current, then));
        Assert.Equal("p 1, q 2", Prices(await _lists.AtAsync(_catalogs.Current, then)));
    }

    [Fact]
    public async Task List_that_is_lost_leaves_the_prices_of_today() =>
        Assert.Equal("p 1, q 2", Prices(await _lists.AtAsync(_catalogs.Current, "00112233445566778899aabbccddeeff")));

    [Fact]
    public void List_comes_back_as_it_was_stored()
    {
        var list = _catalogs.Current.Prices;

        var read = PriceList.Read(list.Name, list.Json.ToArray());

        Assert.Equal(_catalogs.Current.Offers[0].Prices.Rules, read.Find("p", "m")!.Rules);
        Assert.Null(read.Find("p", "other"));
        Assert.Equal(list.Name, PriceList.Of([new("q", "m", read.Find("q", "m")!.Rules), new("p", "m", read.Find("p", "m")!.Rules)]).Name);
    }

    private static string Prices(Catalog catalog) =>
        string.Join(", ", catalog.Offers.Select(offer => $"{offer.Provider.Id} {offer.Prices.Rules.Single().PriceUsd}"));

    private PriceLists NewLists() => new(_catalogs, _blobs, TimeProvider.System, NullLogger<PriceLists>.Instance);

    private async Task ChangeAsync(params (string Provider, string Price)[] offers)
    {
        Write(offers);
        await _catalogs.RefreshAsync(None);
    }

    private void Write(params (string Provider, string Price)[] offers)
    {
        var providers = offers.Select(offer => $$"""{"id":"{{offer.Provider}}","kind":"openai","base_url":"https://{{offer.Provider}}.example","api_key_env":null}""");
        var prices = offers.Select(offer => $$"""
            {"provider":"{{offer.Provider}}","model":"m","upstream_model":"m","endpoints":["/v1/chat/completions"],"batch":"relay","status":"active",
             "prices":[{"meter":"input_tokens","unit_size":1000000,"price_usd":"{{offer.Price}}","plan":"standard"}]}
            """);
        var json = $$"""{"providers":[{{string.Join(',', providers)}}],"offers":[{{string.Join(',', prices)}}]}""";
        File.WriteAllText(Path.Combine(_folder.Path, "catalog.json"), json, Encoding.UTF8);
    }
}
