namespace Phaseo.Orleans.Claims;

/// <summary>
/// Waits for a first request when the same one comes again: a client whose connection broke sends it while we are still at
/// work, and not every library takes the 409 for an invitation to come back. Most are done in a moment.
/// </summary>
internal static class RunningRequest
{
    // Well below the time after which clients give a request up.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    /// <summary>Between two looks.</summary>
    internal static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Creates; as long as <paramref name="isRunning"/> says so of the answer, and not for too long, again.</summary>
    public static async Task<T> WaitAsync<T>(
        Func<CancellationToken, Task<T>> create, Func<T, bool> isRunning, TimeProvider time, CancellationToken cancellation)
    {
        for (var started = time.GetTimestamp(); ;)
        {
            var answer = await create(cancellation);
            if (!isRunning(answer) || time.GetElapsedTime(started) >= LongestWait)
            {
                return answer;
            }

            await Task.Delay(Pause, time, cancellation);
        }
    }
}
