using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Phaseo.Orleans.Billing;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Routing;

/// <summary>
/// Keeps the prices that batches were validated under. A batch names a list; each list is stored once, however many
/// batches name it, and stays: it is what explains their bills.
/// </summary>
internal sealed partial class PriceLists(CatalogStore catalogs, IBlobStore blobs, TimeProvider time, ILogger<PriceLists> logger)
{
    // Each is a catalog; more than a few are in use only where prices change by the minute.
    private const int MaxRepriced = 32;

    private readonly ConcurrentDictionary<string, Repriced> _repriced = new(StringComparer.Ordinal);
    private volatile string _kept = "";

    /// <summary>Stores the list of the prices in force, and gives its name.</summary>
    public async Task<string> KeepAsync(CancellationToken cancellation)
    {
        var prices = catalogs.Current.Prices;
        if (prices.Name != _kept)
        {
            await blobs.PutAsync(BlobNames.Prices(prices.Name), prices.Json, cancellation);
            _kept = prices.Name;
        }

        return prices.Name;
    }

    /// <summary>
    /// A catalog at the prices of a list, if it is at hand: the catalog itself while they are its own (or none is
    /// named). Null: <see cref="AtAsync"/> makes it.
    /// </summary>
    public Catalog? Find(Catalog catalog, string? prices)
    {
        if (prices is null || prices == catalog.Prices.Name)
        {
            return catalog;
        }

        return _repriced.TryGetValue(prices, out var found) && ReferenceEquals(found.Of, catalog)
            && found.Catalog is { IsValueCreated: true, Value.IsCompletedSuccessfully: true } made
            ? made.Value.Result
            : null;
    }

    /// <summary>Makes a catalog at the prices of a list. An offer that came later has no price there and keeps its own.</summary>
    public Task<Catalog> AtAsync(Catalog catalog, string prices)
    {
        if (!_repriced.TryGetValue(prices, out var found) || !ReferenceEquals(found.Of, catalog))
        {
            if (_repriced.Count >= MaxRepriced)
            {
                _repriced.Clear();
            }

            found = new(catalog, new(() => Task.Run(() => RepriceAsync(catalog, prices))));
            found = _repriced.AddOrUpdate(prices, found, (_, there) => ReferenceEquals(there.Of, catalog) ? there : found);
        }

        return found.Catalog.Value;
    }

    private async Task<Catalog> RepriceAsync(Catalog catalog, string name)
    {
        if (await StorageRetry.UntilAnsweredAsync(time, token => ReadAsync(name, token), CancellationToken.None) is { } list)
        {
            return catalog.At(list);
        }

        LogGone(name);
        return catalog;
    }

    private async Task<PriceList?> ReadAsync(string name, CancellationToken cancellation)
    {
        if (await blobs.OpenReadAsync(BlobNames.Prices(name), 0, null, cancellation) is not { } stream)
        {
            return null;
        }

        await using (stream)
        {
            using var json = new MemoryStream();
            await stream.CopyToAsync(json, cancellation);
            return PriceList.Read(name, json.ToArray());
        }
    }

    [LoggerMessage(LogLevel.Error, "Price list {Prices} is gone from storage: batches validated under it are billed at today's prices")]
    private partial void LogGone(string prices);

    private sealed record Repriced(Catalog Of, Lazy<Task<Catalog>> Catalog);
}
