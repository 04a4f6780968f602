using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Phaseo.Orleans.Batches.Journals;
using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>A silo's journals, whose appends a test can see and hold.</summary>
internal sealed class WatchedJournals : IJournalStore, IDisposable
{
    private IJournalStore? _real;
    private bool _isOwned;

    /// <summary>Called before every append with its frame's header; the append waits for it.</summary>
    public Func<JournalFrameHeader, Task> BeforeAppend { get; set; } = _ => Task.CompletedTask;

    /// <summary>How appends ended, by their writer's epoch.</summary>
    public ConcurrentQueue<(long Epoch, AppendResult Result)> Appends { get; } = new();

    private IJournalStore Real => _real ?? throw new InvalidOperationException("No silo has been started.");

    /// <summary>Stands before the journals that the silo was given so far.</summary>
    public void Watch(ISiloBuilder silo)
    {
        var real = silo.Services.Last(service => service.ServiceType == typeof(IJournalStore));
        silo.Services.Remove(real);
        silo.Services.AddSingleton<IJournalStore>(services =>
        {
            _isOwned = real.ImplementationInstance is null;
            _real = (IJournalStore)(real.ImplementationInstance ?? ActivatorUtilities.CreateInstance(services, real.ImplementationType!));
            return this;
        });
    }

    public async Task<AppendResult> AppendAsync(JournalId id, long position, ReadOnlyMemory<byte> flush, CancellationToken cancellation)
    {
        Assert.True(JournalFrame.TryReadHeader(flush.Span, out var header));
        await BeforeAppend(header);
        var result = await Real.AppendAsync(id, position, flush, cancellation);
        Appends.Enqueue((header.Epoch, result));
        return result;
    }

    public Task<bool> CreateAsync(JournalId id, CancellationToken cancellation) => Real.CreateAsync(id, cancellation);

    public Task<Stream?> OpenReadAsync(JournalId id, long position, CancellationToken cancellation) =>
        Real.OpenReadAsync(id, position, cancellation);

    public Task<long?> GetLengthAsync(JournalId id, CancellationToken cancellation) => Real.GetLengthAsync(id, cancellation);

    public Task DeleteAsync(JournalId id, CancellationToken cancellation) => Real.DeleteAsync(id, cancellation);

    public void Dispose()
    {
        if (_isOwned)
        {
            (_real as IDisposable)?.Dispose();
        }
    }
}
