using Phaseo.Orleans.Storage;

namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>
/// Journals in memory. Every append passes <see cref="OnAppend"/>, where a test can hold it, lose its answer, or carry
/// it out when nobody waits for it any more.
/// </summary>
internal sealed class MemoryJournals : IJournalStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<JournalId, byte[]> _journals = [];

    /// <summary>Called instead of every append; carries it out or does not.</summary>
    public Func<JournalAppend, Task<AppendResult>> OnAppend { get; set; } = append => Task.FromResult(append.CarryOut());

    /// <summary>Called before every read.</summary>
    public Func<Task> OnRead { get; set; } = () => Task.CompletedTask;

    /// <summary>A journal's bytes.</summary>
    public byte[] this[JournalId id]
    {
        get
        {
            lock (_lock)
            {
                return _journals[id];
            }
        }
        set
        {
            lock (_lock)
            {
                _journals[id] = value;
            }
        }
    }

    /// <summary>A journal's flushes as <see cref="JournalText"/> spells them.</summary>
    public IReadOnlyList<string> Text(JournalId id) => JournalText.Of(this[id]);

    public Task<bool> CreateAsync(JournalId id, CancellationToken cancellation)
    {
        lock (_lock)
        {
            return Task.FromResult(_journals.TryAdd(id, []));
        }
    }

    public Task<AppendResult> AppendAsync(JournalId id, long position, ReadOnlyMemory<byte> flush, CancellationToken cancellation) =>
        OnAppend(new(this, id, position, flush.ToArray()));

    public async Task<Stream?> OpenReadAsync(JournalId id, long position, CancellationToken cancellation)
    {
        await OnRead();
        lock (_lock)
        {
            return _journals.TryGetValue(id, out var bytes)
                ? new MemoryStream(bytes[(int)Math.Min(position, bytes.Length)..], writable: false)
                : null;
        }
    }

    public Task<long?> GetLengthAsync(JournalId id, CancellationToken cancellation)
    {
        lock (_lock)
        {
            return Task.FromResult(_journals.TryGetValue(id, out var bytes) ? bytes.Length : (long?)null);
        }
    }

    public Task DeleteAsync(JournalId id, CancellationToken cancellation)
    {
        lock (_lock)
        {
            _journals.Remove(id);
            return Task.CompletedTask;
        }
    }

    internal AppendResult CarryOut(JournalAppend append)
    {
        lock (_lock)
        {
            if (!_journals.TryGetValue(append.Id, out var bytes))
            {
                return AppendResult.Missing;
            }

            if (bytes.Length != append.Position)
            {
                return AppendResult.PositionTaken;
            }

            _journals[append.Id] = [.. bytes, .. append.Bytes];
            return AppendResult.Appended;
        }
    }
}

/// <summary>One append that was asked for. Carrying it out twice is what a repeated request does.</summary>
internal sealed class JournalAppend(MemoryJournals store, JournalId id, long position, byte[] bytes)
{
    public JournalId Id => id;

    public long Position => position;

    public byte[] Bytes => bytes;

    /// <summary>What it would append, as <see cref="JournalText"/> spells it.</summary>
    public string Text => JournalText.Of(bytes).Single();

    public AppendResult CarryOut() => store.CarryOut(this);
}
