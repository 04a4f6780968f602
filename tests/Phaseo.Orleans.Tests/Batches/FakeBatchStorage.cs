using Phaseo.Orleans.Batches;

namespace Phaseo.Orleans.Tests.Batches;

/// <summary>One row of grain storage, whose writes wait for the test and end as it says.</summary>
internal sealed class FakeBatchStorage : IPersistentState<BatchState>
{
    private readonly Queue<TaskCompletionSource<Answer>> _held = [];

    internal enum Answer
    {
        Done,
        Refused,
        Lost,
        TimedOut,
    }

    public BatchState State { get; set; } = new();

    /// <summary>What is in the row.</summary>
    public BatchState Row { get; set; } = new();

    /// <summary>How the next writes end; when there is none, they succeed.</summary>
    public Queue<Answer> Answers { get; } = [];

    public Queue<bool> ReadsFail { get; } = [];

    public bool HoldsWrites { get; set; }

    public int Writes { get; private set; }

    public string? Etag => null;

    public bool RecordExists => true;

    /// <summary>Lets the oldest held write end.</summary>
    public void Release(Answer answer) => _held.Dequeue().SetResult(answer);

    public async Task WriteStateAsync()
    {
        Writes++;
        var next = State;
        var answer = Answers.TryDequeue(out var planned) ? planned : Answer.Done;
        if (HoldsWrites)
        {
            TaskCompletionSource<Answer> held = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _held.Enqueue(held);
            answer = await held.Task;
        }

        Row = answer is Answer.Done or Answer.Lost ? next : Row;
        switch (answer)
        {
            case Answer.Refused or Answer.Lost:
                throw new IOException("No answer.");
            case Answer.TimedOut:
                throw new TaskCanceledException("Time-out.");
        }
    }

    public Task ReadStateAsync()
    {
        if (ReadsFail.TryDequeue(out var fails) && fails)
        {
            return Task.FromException(new IOException("No answer."));
        }

        State = Row;
        return Task.CompletedTask;
    }

    public Task ClearStateAsync() => throw new NotSupportedException();
}
