namespace Phaseo.Orleans.Tests.Fixtures;

/// <summary>Waits for what another process or thread is about to do.</summary>
internal static class Patience
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Looks again and again until there is something to see. Fails with <paramref name="what"/> after 30 seconds.</summary>
    public static async Task<T> UntilAsync<T>(string what, Func<Task<T?>> look)
        where T : class
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (await look() is { } seen)
            {
                return seen;
            }

            Assert.True(TimeProvider.System.GetElapsedTime(started) < Limit, $"After {Limit} there was still no {what}.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Looks again and again until it is so. Fails with <paramref name="what"/> after 30 seconds.</summary>
    public static Task UntilAsync(string what, Func<bool> look) =>
        UntilAsync(what, () => Task.FromResult(look() ? what : null));
}
