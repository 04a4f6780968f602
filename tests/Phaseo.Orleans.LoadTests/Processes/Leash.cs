namespace Phaseo.Orleans.LoadTests.Processes;

/// <summary>
/// Ties a child to its parent: the parent holds the child's standard input open, and however the parent ends, the pipe
/// closes and the child stops.
/// </summary>
internal sealed class Leash : IDisposable
{
    private readonly CancellationTokenSource _ended;

    /// <summary>A leash on standard input, or on <paramref name="cancellation"/> alone when not <paramref name="held"/>.</summary>
    public Leash(bool held, CancellationToken cancellation)
    {
        _ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (held)
        {
            new Thread(Watch) { IsBackground = true, Name = "leash" }.Start();
        }
    }

    /// <summary>Cancelled when the child must stop.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Completes when the child must stop.</summary>
    public async Task WaitAsync()
    {
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = Ended.Register(() => stop.TrySetResult());
        await stop.Task;
    }

    /// <inheritdoc/>
    public void Dispose() => _ended.Dispose();

    private void Watch()
    {
        using var input = Console.OpenStandardInput();
        while (input.ReadByte() >= 0)
        {
        }

        try
        {
            _ended.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The child had finished by itself.
        }
    }
}
