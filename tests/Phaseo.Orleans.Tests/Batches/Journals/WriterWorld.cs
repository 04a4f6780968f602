using Microsoft.Extensions.Time.Testing;
using Phaseo.Orleans.Batches.Journals;
using Phaseo.Orleans.Storage;
using Phaseo.Orleans.Tests.Fixtures;

namespace Phaseo.Orleans.Tests.Batches.Journals;

/// <summary>
/// Writers that all want to record the rows of one journal, and a storage that may carry an append out or not, now or
/// later, and answer or not. What happens next is the test's choice, one number for each step.
/// </summary>
internal sealed class WriterWorld : IDisposable
{
    private static readonly JournalId Id = new("ws", "batch_1", 0);
    private readonly Turns _turns = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly MemoryJournals _store = new();
    private readonly List<(JournalAppend Append, TaskCompletionSource<AppendResult> Answer)> _appends = [];
    private readonly List<TaskCompletionSource> _reads = [];
    private readonly List<JournalAppend> _late = [];
    private readonly int _rows;

    public WriterWorld(int rows, IEnumerable<int> epochs)
    {
        _rows = rows;
        _store[Id] = [];
        _store.OnAppend = append => Wait(_appends, answer => (append, answer));
        _store.OnRead = () =>
        {
            var answer = new TaskCompletionSource();
            _reads.Add(answer);
            return answer.Task;
        };
        Writers = [.. epochs.Select((epoch, number) => new Writer(new(_store, Id, new(0, rows), _clock), epoch, number, rows))];
    }

    public IReadOnlyList<Writer> Writers { get; }

    /// <summary>The journal's bytes.</summary>
    public byte[] Journal => _store[Id];

    /// <summary>Lets the writers work until all have ended; when the choices have run out, storage is well again.</summary>
    public void Run(IEnumerable<int> choices)
    {
        var ends = Writers.Select(writer => _turns.Start(writer.RunAsync)).ToList();
        foreach (var choice in choices)
        {
            _turns.TakeAll();
            var moves = Moves().ToList();
            moves[choice % moves.Count]();
        }

        for (_turns.TakeAll(); ends.Any(end => !end.IsCompleted); _turns.TakeAll())
        {
            Moves().First()();
        }

        ends.ForEach(end => end.GetAwaiter().GetResult());
        _late.ForEach(append => append.CarryOut());
    }

    /// <summary>What somebody sees who reads the journal from its start.</summary>
    public ShardLedger Read()
    {
        _store.OnRead = () => Task.CompletedTask;
        var ledger = new ShardLedger(0, _rows);
        _turns.Run(() => new ShardJournal(_store, Id, ledger, _clock).CatchUpAsync(CancellationToken.None));
        return ledger;
    }

    public void Dispose() => _turns.Dispose();

    private static Task<AppendResult> Wait<T>(List<T> waiting, Func<TaskCompletionSource<AppendResult>, T> make)
    {
        var answer = new TaskCompletionSource<AppendResult>();
        waiting.Add(make(answer));
        return answer.Task;
    }

    // The first move is always one that helps.
    private IEnumerable<Action> Moves()
    {
        foreach (var read in _reads)
        {
            yield return () => Take(read).SetResult();
            yield return () => Take(read).SetException(NoAnswer());
        }

        foreach (var (append, answer) in _appends)
        {
            yield return () => Take(append, answer).SetResult(append.CarryOut());
            yield return () =>
            {
                append.CarryOut();
                Take(append, answer).SetException(NoAnswer());
            };
            yield return () => Take(append, answer).SetException(NoAnswer());
            yield return () =>
            {
                _late.Add(append);
                Take(append, answer).SetException(NoAnswer());
            };
        }

        yield return () => _clock.Advance(TimeSpan.FromSeconds(5));
        foreach (var append in _late)
        {
            yield return () =>
            {
                _late.Remove(append);
                append.CarryOut();
            };
        }
    }

    private static StorageUnavailableException NoAnswer() => new("No answer.");

    private TaskCompletionSource Take(TaskCompletionSource read)
    {
        _reads.Remove(read);
        return read;
    }

    private TaskCompletionSource<AppendResult> Take(JournalAppend append, TaskCompletionSource<AppendResult> answer)
    {
        _appends.Remove((append, answer));
        return answer;
    }
}
