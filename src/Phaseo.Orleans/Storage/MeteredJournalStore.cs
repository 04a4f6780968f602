using Microsoft.Extensions.DependencyInjection;

namespace Phaseo.Orleans.Storage;

/// <summary>Journals of any home, measured.</summary>
internal sealed class MeteredJournalStore([FromKeyedServices(MeteringServices.Inner)] IJournalStore inner, StorageMeter meter) : IJournalStore
{
    public Task<bool> CreateAsync(JournalId id, CancellationToken cancellation) =>
        meter.MeasureAsync("journal.create", () => inner.CreateAsync(id, cancellation));

    public Task<AppendResult> AppendAsync(JournalId id, long position, ReadOnlyMemory<byte> flush, CancellationToken cancellation) =>
        meter.MeasureAsync("journal.append", () => inner.AppendAsync(id, position, flush, cancellation));

    public Task<Stream?> OpenReadAsync(JournalId id, long position, CancellationToken cancellation) =>
        meter.MeasureAsync("journal.open", () => inner.OpenReadAsync(id, position, cancellation));

    public Task<long?> GetLengthAsync(JournalId id, CancellationToken cancellation) =>
        meter.MeasureAsync("journal.length", () => inner.GetLengthAsync(id, cancellation));

    public Task DeleteAsync(JournalId id, CancellationToken cancellation) =>
        meter.MeasureAsync("journal.delete", () => inner.DeleteAsync(id, cancellation));
}
