using System.Text.Json;

namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>
/// The calls of a <see cref="FakeUpstream"/>, in memory and, if asked, in a file: a line of JSON when a call arrives and
/// one when it has ended, each handed to the operating system before the answer goes out.
/// </summary>
internal sealed class FakeCallLog(string? file) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<FakeCall> _calls = [];
    private readonly FileStream? _file = file is null
        ? null
        : new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);

    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<FakeCall> Calls
    {
        get
        {
            lock (_gate)
            {
                return [.. _calls];
            }
        }
    }

    /// <summary>Adds a call that <paramref name="make"/> makes from its number.</summary>
    public FakeCall Add(Func<int, FakeCall> make)
    {
        lock (_gate)
        {
            var call = make(_calls.Count + 1);
            _calls.Add(call);
            Note(call);
            return call;
        }
    }

    /// <summary>Replaces what is known of a call.</summary>
    public void Update(FakeCall call)
    {
        lock (_gate)
        {
            _calls[call.Number - 1] = call;
            Note(call);
        }
    }

    /// <summary>Completes when the calls are as <paramref name="condition"/> wants them.</summary>
    public async Task WaitAsync(Func<IReadOnlyList<FakeCall>, bool> condition, CancellationToken cancellation)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (condition(_calls))
                {
                    return;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellation);
        }
    }

    public void Dispose() => _file?.Dispose();

    private void Note(FakeCall call)
    {
        _file?.Write([.. JsonSerializer.SerializeToUtf8Bytes(call), (byte)'\n']);
        var changed = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.SetResult();
    }
}
