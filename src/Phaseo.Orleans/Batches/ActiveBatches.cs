using System.Collections.Concurrent;

namespace Phaseo.Orleans.Batches;

/// <summary>
/// The unfinished batches that live on this silo, for whoever wants to see how much is under way. A batch that is not
/// finished is kept alive somewhere, so all silos together know of all of them, except for the moments in which one is
/// being taken over.
/// </summary>
internal sealed class ActiveBatches(TimeProvider time)
{
    // By activation: while a batch is taken over there may be two for a moment, and the old one leaves last.
    private readonly ConcurrentDictionary<object, Entry> _batches = new(ReferenceEqualityComparer.Instance);

    /// <summary>Rows without an outcome.</summary>
    public long PendingRows => _batches.Values.Sum(batch => (long)batch.PendingRows);

    /// <summary>How long ago the oldest was created; zero when there is none.</summary>
    public TimeSpan OldestAge => _batches.Values.Select(batch => time.GetUtcNow() - batch.CreatedAt).DefaultIfEmpty().Max();

    /// <summary>How long until the first of them expires; negative when it should have; null when there is none.</summary>
    public TimeSpan? NextDeadline => _batches.Values.Select(batch => (TimeSpan?)(batch.ExpiresAt - time.GetUtcNow())).Min();

    /// <summary>How many stand where; statuses without a batch too, so that a line on a chart goes back to 0.</summary>
    public IEnumerable<(BatchStatus Status, int Count)> ByStatus()
    {
        var counts = _batches.Values.CountBy(batch => batch.Status).ToDictionary();
        return Enum.GetValues<BatchStatus>()
            .Where(status => status != BatchStatus.None && !status.IsTerminal())
            .Select(status => (status, counts.GetValueOrDefault(status)));
    }

    /// <summary>Notes where a batch stands; one that has ended is forgotten.</summary>
    public void Show(object activation, BatchView batch)
    {
        if (batch.Status.IsTerminal())
        {
            Remove(activation);
            return;
        }

        _batches[activation] = new(batch.Status, batch.CreatedAt, batch.ExpiresAt, batch.Total - batch.Completed - batch.Failed);
    }

    /// <summary>The activation goes.</summary>
    public void Remove(object activation) => _batches.TryRemove(activation, out _);

    private readonly record struct Entry(BatchStatus Status, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, int PendingRows);
}
