namespace Phaseo.Orleans.Storage;

/// <summary>For acts that must happen: storage that does not answer is asked again until it does.</summary>
internal static class StorageRetry
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>Repeats <paramref name="act"/>, which must be safe to repeat, with doubling pauses from 0.1 to 5 s.</summary>
    public static async Task<T> UntilAnsweredAsync<T>(
        TimeProvider time, Func<CancellationToken, Task<T>> act, CancellationToken cancellation)
    {
        for (var pause = FirstPause; ; pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks)))
        {
            try
            {
                return await act(cancellation);
            }
            catch (StorageUnavailableException)
            {
                await Task.Delay(pause, time, cancellation);
            }
        }
    }
}
